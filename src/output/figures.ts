/** Figures as a person reads them in a table. */

import { median } from "../order-statistics.ts";
import type { RunAttribution } from "../result/attribution.ts";
import type { Distribution, Run } from "../result/result.ts";
import { formatMillis } from "../units.ts";

/** What stands where nothing is known. */
export const unknown = "–";

/**
 * A quantile in milliseconds over several runs: the median of theirs. With "≥" where a request without response was
 * younger than that in one of them: had it been answered, the quantile might be higher. `key` is a percentile or `max`.
 */
export function quantileMs(runs: readonly Run[], pick: (run: Run) => Distribution, key: string): string {
  const known = runs.filter((run) => pick(run).count > 0);
  if (known.length === 0) return unknown;
  const valueOf = (run: Run): number =>
    key === "max" ? pick(run).maxUs : (pick(run).percentilesUs[key] ?? 0);
  const open = known.some(
    ({ censored }, i) => censored.count > 0 && censored.youngestUs <= valueOf(known[i]!),
  );
  return `${open ? "≥" : ""}${formatMillis(median(known.map(valueOf)))}`;
}

/** The median of microseconds, in milliseconds. */
export function medianMs(us: readonly number[]): string {
  return us.length === 0 ? unknown : formatMillis(median(us));
}

/** What stands for latency where it is not known: service time, all that Fortio measures. */
export function latencyOf(run: Run): Distribution {
  return run.latency.count === 0 ? run.serviceTime : run.latency;
}

/** What the figures of `latencyOf` are. */
export function latencyCaption(runs: readonly Run[]): string {
  const known = runs.some(({ latency, serviceTime }) => latency.count > 0 || serviceTime.count === 0);
  return known
    ? "Latency in ms, from the intended start to the last byte"
    : "Service time in ms, from when a request was sent to the last byte";
}

/** A rate: whole from 100 on. */
export function formatRate(qps: number): string {
  return qps >= 99.95 || Number.isInteger(qps) ? qps.toFixed(0) : qps.toFixed(1);
}

/** The rate that the runs were to have. */
export function formatAsked(runs: readonly Run[]): string {
  const { qps } = runs[0]!.requested;
  return qps === 0 ? "max" : formatRate(qps);
}

/**
 * The tail and its parts in one line, milliseconds: `16.1 = 0.2 lag + 9.0 skew + 6.9 rest`. The parts add up as printed.
 * Where the skew is not known, it is left in the rest, and named so.
 */
export function splitLine({
  tailUs,
  tailCensored,
  lagUs,
  skewUs,
}: Pick<RunAttribution, "tailUs" | "tailCensored" | "lagUs" | "skewUs">): string {
  const digits = tailUs >= 99_500 ? 0 : tailUs >= 9950 ? 1 : tailUs >= 995 ? 2 : 3;
  const scale = 10 ** digits;
  const [tail, lag, skew] = [tailUs, lagUs, skewUs ?? 0].map((us) => Math.round((us / 1e3) * scale)) as [
    number,
    number,
    number,
  ];
  const show = (units: number): string => (units / scale).toFixed(digits);
  const term = (units: number, name: string): string =>
    ` ${units < 0 ? "−" : "+"} ${show(Math.abs(units))} ${name}`;
  const start = `${tailCensored ? "≥" : ""}${show(tail)} = ${show(lag)} lag`;
  if (skewUs === null) return `${start}${term(tail - lag, "rest, skew included")}`;
  return `${start}${term(skew, "skew")}${term(tail - lag - skew, "rest")}`;
}
