/** Reads the admin and procfs at a steady beat from the start of a load to its end, and keeps what it read. */

import { messageOf } from "../errors.ts";
import type { ObservedSecond } from "../result/observation.ts";
import { countAll } from "./histograms.ts";
import type { Histograms } from "./histograms.ts";
import type { MachineShare } from "./machine.ts";
import { cpuPercentBetween, shareBetween } from "./moment.ts";
import type { Moment } from "./moment.ts";
import type { ListenerCounts } from "./stats.ts";

/** All that was read of one load. */
export interface Watched {
  readonly begun: Moment;
  readonly ended: Moment;
  /** The listener's counters at each answer, ascending; empty where the admin never answered. */
  readonly answers: readonly { readonly atUs: number; readonly counts: ListenerCounts }[];
  /** Histograms as Envoy flushed them first and last within the load. */
  readonly flushed: { readonly first: Histograms; readonly last: Histograms } | null;
  readonly seconds: readonly ObservedSecond[];
  readonly shares: readonly MachineShare[];
  readonly lastError: string | null;
}

export interface WatchOptions {
  readonly readCounts: () => Promise<ListenerCounts>;
  readonly readHistograms: () => Promise<Histograms>;
  readonly readMoment: () => Moment;
  /** By the clock of the moments, and cheaper than one. */
  readonly nowUs: () => number;
  readonly intervalMs: number;
}

/** A last scrape this close behind the one before would be a second of mere noise. */
const shortestBeat = 0.3;

/** One load's watch. Without `begin` there was no load: it is over where it begins. */
export class Watch {
  /** The load starts; too late once `end` or `cancel` was called. */
  readonly begin = (): void => {
    if (this.#over) return;
    clearTimeout(this.#timer);
    const begun = this.#options.readMoment();
    this.#begun = this.#previous = begun;
    this.#beating = Promise.all([this.#ask(begun), this.#lookForFlush()]);
    this.#schedule(begun);
  };

  readonly latest = (): ObservedSecond | null => this.#seconds.at(-1) ?? null;

  readonly #options: WatchOptions;
  readonly #answers: { atUs: number; counts: ListenerCounts }[] = [];
  readonly #seconds: ObservedSecond[] = [];
  readonly #shares: MachineShare[] = [];
  #begun: Moment | null = null;
  #previous: Moment | null = null;
  #over = false;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<unknown> = Promise.resolve();
  #unflushed: Histograms | null = null;
  #firstFlush: Histograms | null = null;
  #lastError: string | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** The load has ended: reads once more. Never rejects. */
  async end(): Promise<Watched> {
    const ended = this.#options.readMoment();
    this.cancel();
    await this.#beating;
    const sinceMs = (ended.machine.atUs - (this.#previous ?? ended).machine.atUs) / 1e3;
    await (sinceMs > shortestBeat * this.#options.intervalMs ? this.#beat(ended) : this.#ask(ended));
    // Twice, where the first is lost; and two answers that agree tell how connections were placed.
    await this.#ask(ended);
    const first = this.#firstFlush;
    const last = first === null ? null : await this.#options.readHistograms().catch(() => null);
    return {
      begun: this.#begun ?? ended,
      ended,
      answers: this.#answers,
      flushed: first === null || last === null ? null : { first, last },
      seconds: this.#seconds,
      shares: this.#shares,
      lastError: this.#lastError,
    };
  }

  /** Stops the beat. */
  cancel(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #schedule(begun: Moment): void {
    if (this.#over) return;
    const { intervalMs, readMoment, nowUs } = this.#options;
    const sinceMs = (nowUs() - begun.machine.atUs) / 1e3;
    this.#timer = setTimeout(
      () => {
        this.#beating = this.#beat(readMoment()).then(() => this.#schedule(begun));
      },
      intervalMs - (sinceMs % intervalMs),
    );
    this.#timer.unref();
  }

  async #beat(moment: Moment): Promise<void> {
    const before = this.#previous ?? moment;
    this.#previous = moment;
    const counts = await this.#ask(moment);
    const share = shareBetween(before, moment);
    this.#shares.push(share);
    this.#seconds.push(observedSecond({ before, moment, counts, share }));
    await this.#lookForFlush();
  }

  async #ask(moment: Moment): Promise<ListenerCounts | null> {
    try {
      const counts = await this.#options.readCounts();
      this.#answers.push({ atUs: moment.machine.atUs, counts });
      return counts;
    } catch (error) {
      this.#lastError = messageOf(error);
      return null;
    }
  }

  async #lookForFlush(): Promise<void> {
    if (this.#firstFlush !== null) return;
    const histograms = await this.#options.readHistograms().catch(() => null);
    if (histograms === null) return;
    if (this.#unflushed !== null && countAll(histograms) !== countAll(this.#unflushed))
      this.#firstFlush = histograms;
    this.#unflushed ??= histograms;
  }
}

function observedSecond({
  before,
  moment,
  counts,
  share,
}: {
  before: Moment;
  moment: Moment;
  counts: ListenerCounts | null;
  share: MachineShare;
}): ObservedSecond {
  const ids = new Set([...(counts?.workers.keys() ?? []), ...moment.workerCpuUs.keys()]);
  return {
    atUs: moment.machine.atUs,
    workers: [...ids]
      .sort((a, b) => a - b)
      .map((id) => ({
        id,
        connections: counts?.workers.get(id)?.active ?? null,
        cpuPercent: cpuPercentBetween(before, moment, id),
      })),
    steal: share.steal,
    cpuPressure: share.cpuPressure,
  };
}
