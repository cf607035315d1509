/** The two servers that everybody is measured against: an Envoy of the lab, and the arrival recorder. */

import { setTimeout as sleep } from "node:timers/promises";
import { startLab } from "../../src/lab/lab.ts";
import { probe } from "../../src/lab/probe.ts";
import type { BenchContext } from "./job.ts";
import type { Measurement } from "./measurement.ts";
import type { Work } from "./peers/peer.ts";
import { startRecorder } from "./recorder.ts";
import type { Arrivals, RecorderPlan } from "./recorder.ts";
import { gridDistances, quantile, stalledP99Us } from "./statistics.ts";

/** What the server knows of a run. */
export interface Witness extends Pick<Measurement, "requests" | "gridUs" | "heldUs" | "stallP99Us"> {
  /** What keeps the run from being the one that was asked for. */
  readonly doubts: readonly string[];
}

export interface Server extends AsyncDisposable {
  /** Lets `load` run against the server, and tells what the server saw of it. */
  readonly witness: <T>(work: Work, load: (url: string) => Promise<T>) => Promise<[T, Witness]>;
}

/** One listener, connections dealt evenly over two workers that do no extra work. */
export async function envoyServer(
  { places, note }: Pick<BenchContext, "places" | "note">,
  { tls }: { tls: boolean },
): Promise<Server> {
  const lab = await startLab(
    { modes: ["exact_balance"], workers: 2, workUs: 0, envoy: null, upstream: null, tls },
    { qps: 0, places, onNote: note },
  );
  const { url, listener } = lab.targets[0]!;
  const count = async ({ streams }: Work): Promise<number> => {
    // Who speaks another version than it was told has made no request.
    const stat = `http.${listener}.downstream_rq_http${streams === undefined ? 1 : 2}_total`;
    const { body } = await probe(`${lab.admin}/stats?filter=^${stat}$`);
    return Number(/: (\d+)/.exec(body)?.[1] ?? 0);
  };
  return {
    witness: async (work, load) => {
      const before = await count(work);
      const done = await load(url);
      await sleep(settleMs);
      const requests = (await count(work)) - before;
      return [done, { requests, gridUs: null, heldUs: null, stallP99Us: null, doubts: [] }];
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** Requests of the last moment are counted after their client has ended. */
const settleMs = 200;

/** Left out at both ends of a run: connections are opened there, and schedules begin and end. */
const edgeNs = 0.5e9;

/** A recorder of its own for every run, so that nothing is left of the last one. */
export function recorderServer(binary: string, plan: RecorderPlan): Server {
  return {
    witness: async (work, load) => {
      using recorder = await startRecorder(binary, plan);
      const done = await load(recorder.url);
      const arrivals = await recorder.stop();
      const { arrivalNs, heldNs } = arrivals;
      const heldUs = heldNs.map((ns) => ns / 1e3);
      return [
        done,
        {
          requests: arrivalNs.length,
          doubts: doubtsOf(arrivals, work),
          gridUs: work.qps === 0 ? null : grid(arrivalNs, work),
          heldUs: plan.delayMs === 0 ? null : { p50: quantile(heldUs, 0.5), p99: quantile(heldUs, 0.99) },
          stallP99Us:
            plan.stall.forMs === 0 ? null : stalledP99Us({ ...work, stallS: plan.stall.forMs / 1e3 }),
        },
      ];
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function doubtsOf({ arrivalNs, kernelStamps, connections }: Arrivals, work: Work): string[] {
  const unstamped = arrivalNs.length - kernelStamps;
  return [
    ...(unstamped > 0 ? [`the kernel stamped all but ${unstamped} of ${arrivalNs.length} arrivals`] : []),
    ...(connections < work.connections ? [`opened ${connections} of ${work.connections} connections`] : []),
  ];
}

function grid(arrivalNs: readonly number[], { seconds }: Work): Measurement["gridUs"] {
  const inside = arrivalNs.filter((ns) => ns >= edgeNs && ns < seconds * 1e9 - edgeNs);
  const distancesUs = gridDistances(inside.map((ns) => ns / 1e3));
  return { p50: quantile(distancesUs, 0.5), p99: quantile(distancesUs, 0.99) };
}
