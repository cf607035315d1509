/**
 * A target whose truth is known: W workers as first-come-first-served queues in virtual time, each cause of a slow
 * request switchable. The same draws can be served again under another placement, which is what makes the truth.
 */

import { seededRandom, shuffle } from "../../src/random.ts";
import type { Random } from "../../src/random.ts";

/** A duration in microseconds, drawn anew for each request. */
export type Draw = (random: Random) => number;

export interface Scenario {
  readonly workers: number;
  readonly connections: number;
  readonly qps: number;
  readonly durationS: number;
  readonly arrivals: "fixed" | "poisson";
  /** CPU that a worker spends on a request. */
  readonly service: Draw;
  /** Waiting for something else, which costs the worker nothing. */
  readonly upstream?: Draw;
  /** What the driver itself is late by. */
  readonly lag?: Draw;
  /** Times at which one worker, or all of them, do nothing for a while, whatever they hold. */
  readonly stalls?: { readonly worker: number | "all"; readonly perS: number; readonly lasting: Draw };
  /** What each connection that a worker holds adds to every request of it, in microseconds of CPU. */
  readonly perConnectionUs?: number;
  /** One connection that sends so many times as much as the others. */
  readonly heavyTimes?: number;
  /** Every service time of a run is multiplied by exp(N(0, σ²)): the machine differs from run to run. */
  readonly runSigma?: number;
}

/** Everything of a run that does not depend on where its connections are placed. One row a request. */
export interface Draws {
  readonly scenario: Scenario;
  readonly slotOf: readonly number[];
  readonly perConnection: readonly {
    readonly intendedUs: Float64Array;
    readonly serviceUs: Float64Array;
    readonly upstreamUs: Float64Array;
    readonly lagUs: Float64Array;
  }[];
  /** Per worker: start and end of each stall, ascending, not overlapping. */
  readonly stalls: readonly (readonly (readonly [number, number])[])[];
}

export interface Served {
  readonly latencyUs: Float64Array;
  readonly blockedUs: Float64Array;
  readonly lagUs: Float64Array;
  readonly connection: Uint32Array;
  readonly second: Uint32Array;
  /** CPU time by worker. */
  readonly busyUs: readonly number[];
}

/** A standard normal draw (Box and Muller). */
const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

export const exponential = (meanUs: number): Draw => {
  return (random) => -meanUs * Math.log(1 - random());
};

/** Constant plus exponential: a filter chain of known cost and what varies on top. */
export const shiftedExponential = (constantUs: number, meanUs: number): Draw => {
  const tail = exponential(meanUs);
  return (random) => constantUs + tail(random);
};

/** Lognormal of the given mean and coefficient of variation. */
export const lognormal = (meanUs: number, cv: number): Draw => {
  const variance = Math.log(1 + cv * cv);
  return (random) => meanUs * Math.exp(Math.sqrt(variance) * normal(random) - variance / 2);
};

/** Nothing most of the time, `draw` with the given probability. */
export const sometimes = (probability: number, draw: Draw): Draw => {
  return (random) => (random() < probability ? draw(random) : 0);
};

/** Draws one run: schedule, service times, stalls. */
export function drawRun(scenario: Scenario, seed: number, stream: string): Draws {
  const random = seededRandom(seed, stream);
  const { connections, workers } = scenario;
  const slotOf = shuffle([...Array(connections).keys()], random);
  const slowdown = Math.exp((scenario.runSigma ?? 0) * normal(random));
  const perConnection = slotOf.map((slot, connection) => {
    const intendedUs = scheduleOf(scenario, { slot, heavy: connection === 0 }, random);
    const column = (draw: Draw | undefined, times = 1): Float64Array => {
      const drawn = new Float64Array(intendedUs.length);
      if (draw !== undefined) for (let k = 0; k < drawn.length; k++) drawn[k] = draw(random) * times;
      return drawn;
    };
    return {
      intendedUs,
      serviceUs: column(scenario.service, slowdown),
      upstreamUs: column(scenario.upstream),
      lagUs: column(scenario.lag),
    };
  });
  const common = drawStalls(scenario, random);
  const stalls = Array.from({ length: workers }, (_, worker) =>
    scenario.stalls?.worker === "all" || scenario.stalls?.worker === worker ? common : [],
  );
  return { scenario, slotOf, perConnection, stalls };
}

/** Serves the draws with `placement[connection]` = worker. */
export function serve(draws: Draws, placement: readonly number[]): Served {
  const total = draws.perConnection.reduce((sum, { intendedUs }) => sum + intendedUs.length, 0);
  const served = {
    latencyUs: new Float64Array(total),
    blockedUs: new Float64Array(total),
    lagUs: new Float64Array(total),
    connection: new Uint32Array(total),
    second: new Uint32Array(total),
    busyUs: [] as number[],
  };
  let row = 0;
  for (let worker = 0; worker < draws.scenario.workers; worker++) {
    const own = [...placement.keys()].filter((connection) => placement[connection] === worker);
    const { rows, busyUs } = serveWorker(draws, { worker, own, row }, served);
    row += rows;
    served.busyUs.push(busyUs);
  }
  return served;
}

/** One worker's requests in the order in which they reach it; a connection has one in flight. */
function serveWorker(
  draws: Draws,
  { worker, own, row }: { worker: number; own: number[]; row: number },
  served: Omit<Served, "busyUs">,
): { rows: number; busyUs: number } {
  const stalls = draws.stalls[worker]!;
  const next = new Uint32Array(draws.perConnection.length);
  const freeUs = new Float64Array(draws.perConnection.length);
  const dueUs = new Float64Array(draws.perConnection.length);
  const sendUs = (connection: number): number => {
    const { intendedUs, lagUs } = draws.perConnection[connection]!;
    const k = next[connection]!;
    return k < intendedUs.length ? Math.max(intendedUs[k]!, freeUs[connection]!) + lagUs[k]! : Infinity;
  };
  for (const connection of own) dueUs[connection] = sendUs(connection);
  const heap = Uint32Array.from(own).sort((a, b) => dueUs[a]! - dueUs[b]!);
  let [idleAtUs, busyUs, stall, rows] = [0, 0, 0, 0];
  while (heap.length > 0 && dueUs[heap[0]!]! < Infinity) {
    const connection = heap[0]!;
    const request = draws.perConnection[connection]!;
    const k = next[connection]!;
    let startUs = Math.max(dueUs[connection]!, idleAtUs);
    while (stall < stalls.length && stalls[stall]![1] <= startUs) stall++;
    if (stall < stalls.length && stalls[stall]![0] <= startUs) startUs = stalls[stall++]![1];
    const serviceUs = request.serviceUs[k]! + own.length * (draws.scenario.perConnectionUs ?? 0);
    idleAtUs = startUs + serviceUs;
    while (stall < stalls.length && stalls[stall]![0] < idleAtUs) {
      idleAtUs += stalls[stall]![1] - stalls[stall]![0];
      stall++;
    }
    busyUs += serviceUs;
    const doneUs = idleAtUs + request.upstreamUs[k]!;
    const at = row + rows++;
    const intendedUs = request.intendedUs[k]!;
    served.latencyUs[at] = doneUs - intendedUs;
    served.blockedUs[at] = Math.max(0, freeUs[connection]! - intendedUs);
    served.lagUs[at] = request.lagUs[k]!;
    served.connection[at] = connection;
    served.second[at] = Math.floor(intendedUs / 1e6);
    freeUs[connection] = doneUs;
    next[connection] = k + 1;
    dueUs[connection] = sendUs(connection);
    siftDown(heap, dueUs);
  }
  return { rows, busyUs };
}

/** Puts the head of a heap of connections, ordered by when they are due, where it belongs. */
function siftDown(heap: Uint32Array, dueUs: Float64Array): void {
  const item = heap[0]!;
  const itemUs = dueUs[item]!;
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && dueUs[heap[child + 1]!]! < dueUs[heap[child]!]!) child++;
    if (dueUs[heap[child]!]! >= itemUs) break;
    heap[hole] = heap[child]!;
    hole = child;
  }
  heap[hole] = item;
}

function scheduleOf(
  { connections, qps, durationS, arrivals, heavyTimes = 1 }: Scenario,
  { slot, heavy }: { slot: number; heavy: boolean },
  random: Random,
): Float64Array {
  const periodUs = ((connections - 1 + heavyTimes) / qps / (heavy ? heavyTimes : 1)) * 1e6;
  const times: number[] = [];
  const gap = exponential(periodUs);
  let atUs = arrivals === "fixed" ? (slot / connections) * periodUs : gap(random);
  while (atUs < durationS * 1e6) {
    times.push(atUs);
    atUs += arrivals === "fixed" ? periodUs : gap(random);
  }
  return Float64Array.from(times);
}

function drawStalls({ stalls, durationS }: Scenario, random: Random): [number, number][] {
  const drawn: [number, number][] = [];
  if (stalls === undefined) return drawn;
  const gap = exponential(1e6 / stalls.perS);
  for (let atUs = gap(random); atUs < durationS * 1e6;) {
    const end = atUs + stalls.lasting(random);
    drawn.push([atUs, end]);
    atUs = end + gap(random);
  }
  return drawn;
}

/** How connections come to their workers: `placement[connection]` = worker. */
export const placements = {
  balanced: ({ connections, workers }: Scenario, random: Random): number[] =>
    shuffle(
      Array.from({ length: connections }, (_, i) => i % workers),
      random,
    ),
  /** As many requests on every worker as connections allow, where one of them is heavy: the lightest worker gets the next. */
  equalRequests: ({ connections, workers, heavyTimes = 1 }: Scenario, random: Random): number[] => {
    const held = Array.from({ length: workers }, () => 0);
    const placement: number[] = [];
    const others = shuffle(
      Array.from({ length: connections - 1 }, (_, i) => i + 1),
      random,
    );
    const order = shuffle([...held.keys()], random);
    for (const connection of [0, ...others]) {
      const worker = order.reduce((least, one) => (held[one]! < held[least]! ? one : least));
      held[worker]! += connection === 0 ? heavyTimes : 1;
      placement[connection] = worker;
    }
    return placement;
  },
  multinomial: ({ connections, workers }: Scenario, random: Random): number[] =>
    Array.from({ length: connections }, () => Math.floor(random() * workers)),
  /** Pólya's urn: who has many gets more, and the first draws decide. */
  clumped: ({ connections, workers }: Scenario, random: Random): number[] => {
    const counts = Array.from({ length: workers }, () => 0.8);
    return Array.from({ length: connections }, (_, i) => {
      let left = random() * (i + 0.8 * workers);
      let worker = 0;
      while (worker < workers - 1 && left >= counts[worker]!) left -= counts[worker++]!;
      counts[worker]! += 1;
      return worker;
    });
  },
  /** The given numbers of connections, which of them at random. */
  counts: (counts: readonly number[], random: Random): number[] =>
    shuffle(
      counts.flatMap((count, worker) => Array.from({ length: count }, () => worker)),
      random,
    ),
} as const;

/** The smallest value with at least `q` of all at or below it, by Hoare's selection. */
export function exactQuantile(values: Float64Array, q: number): number {
  const left = values.slice();
  const rank = Math.max(0, Math.ceil(q * left.length) - 1);
  let [low, high] = [0, left.length - 1];
  while (low < high) {
    const pivot = left[(low + high) >> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (left[i]! < pivot) i++;
      while (left[j]! > pivot) j--;
      if (i > j) break;
      const swapped = left[i]!;
      left[i++] = left[j]!;
      left[j--] = swapped;
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else break;
  }
  return left[rank] ?? 0;
}

/** Latency without the driver's lag, a column. */
export function withoutLag({ latencyUs, lagUs }: Served): Float64Array {
  const without = new Float64Array(latencyUs.length);
  for (let row = 0; row < without.length; row++) without[row] = latencyUs[row]! - lagUs[row]!;
  return without;
}

/** The truth: the tail that the same draws have where every worker has an equal share, averaged over random such placements. */
export function balancedTailUs(
  draws: Draws,
  { quantile, assignments, seed }: { quantile: number; assignments: number; seed: number },
): number {
  const random = seededRandom(seed, "balanced assignments");
  const place = draws.scenario.heavyTimes === undefined ? placements.balanced : placements.equalRequests;
  let sumUs = 0;
  for (let i = 0; i < assignments; i++) {
    const served = serve(draws, place(draws.scenario, random));
    sumUs += exactQuantile(withoutLag(served), quantile);
  }
  return sumUs / assignments;
}
