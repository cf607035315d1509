/** What a person reads first: the tail of a mode, how much of it is the skew, and what balance would bring. */

import type { ModeAttribution, RunAttribution } from "../result/attribution.ts";
import type { Run } from "../result/result.ts";
import { formatMicros, formatShare, formatTimes, percentileName } from "../units.ts";

export interface SentenceParts {
  readonly figures: Omit<ModeAttribution, "sentence">;
  readonly tailQuantile: number;
  /** The run nearest to the median, with what is said of it. */
  readonly example: { readonly run: Run; readonly attribution: RunAttribution };
  /** Why no skew could be told, in words; `null` where it could. */
  readonly reason: string | null;
  /** No run of the mode has any skew to speak of. */
  readonly balanced: boolean;
  /** All runs of the set are one. */
  readonly single: boolean;
}

/** One to four sentences on a mode, plain text. */
export function sentenceOf(parts: SentenceParts): string {
  const { figures, example } = parts;
  const head = `${figures.group}: ${headOf(parts)}`;
  if (!knowsWorkers(example.run)) return `${head}. ${unseen(example.run)}${notesOf(parts, false)}`;
  if (parts.balanced)
    return `${head}. The load was balanced, so none of it is skew: the busiest worker ${busiestOf(parts).held}.${notesOf(parts, false)}`;
  if (figures.skewUs === null) return `${head}${undecided(parts)}${notesOf(parts, false)}`;
  return `${head}${decided(parts)}${notesOf(parts, true)}`;
}

const knowsWorkers = ({ workers, mapping }: Run): boolean =>
  mapping.mapped > 0 && workers.some(({ requests, failures }) => requests + failures > 0);

function headOf({ figures, tailQuantile }: SentenceParts): string {
  return `${percentileName(tailQuantile)} ${figures.tailCensored ? "≥ " : ""}${formatMicros(figures.tailUs)}`;
}

function decided(parts: SentenceParts): string {
  const { figures } = parts;
  const [skewUs, share] = [figures.skewUs ?? 0, figures.skewShare ?? 0];
  const [low, high] = figures.skewShareInterval ?? [NaN, NaN];
  const cause = `${causeOf(parts)} skew`;
  const sure = `${formatShare(share)} ${formatInterval(low, high)}`;
  const busiest = `the busiest worker ${busiestOf(parts).held}`;
  const measured = figures.measuredBalancedTailUs;
  const check = measured === null ? "" : `; exact_balance measured ${formatMicros(measured)}`;
  const balanced = `Balanced, and without mesh-load's lag, ${percentileName(parts.tailQuantile)} would be ${formatMicros(figures.balancedTailUs ?? 0)}${check}.`;
  if (low > 0)
    return `, of which ${formatMicros(skewUs)} (${sure}) is ${cause}: ${busiest}.${carriedBy(parts)} ${balanced}`;
  if (high < 0)
    return `, which ${cause} did not raise but lower by ${formatMicros(-skewUs)} (${sure}): ${busiest}. ${balanced}`;
  return `. No part of it can be told to be ${cause} (${sure}): ${busiest}.${carriedBy(parts, "connections")} ${balanced}`;
}

/** Of the two skews the one that the tail follows, where that is known. */
function causeOf(parts: SentenceParts): string {
  const { carrier } = parts.figures;
  if (carrier === "requests") return "request";
  return carrier === "connections" ? "connection" : busiestOf(parts).cause;
}

/**
 * Which of two skews that differ carries the tail; nothing where they are one. Of a tail that requests are not seen to
 * raise, it is worth a word only that `connections` do.
 */
function carriedBy({ figures }: SentenceParts, only?: "connections"): string {
  const { carrier, maxOverMean, requestMaxOverMean } = figures;
  if (carrier === null || carrier === "alike" || (only !== undefined && carrier !== only)) return "";
  const connections = formatTimes(maxOverMean ?? 1);
  const requests = formatTimes(requestMaxOverMean ?? 1);
  if (carrier === "unclear")
    return ` Connections (busiest worker ${connections} the mean) and requests (${requests}) are skewed differently, and which of them carries it cannot be told.`;
  return carrier === "requests"
    ? ` The requests carry it: the tail follows a worker's requests (busiest worker ${requests} the mean), not its connections (${connections}).`
    : ` The connections carry it: the tail follows a worker's connections (busiest worker ${connections} the mean), not its requests (${requests}).`;
}

function undecided(parts: SentenceParts): string {
  const { figures, reason, single, tailQuantile } = parts;
  const busiest = `The busiest worker ${busiestOf(parts).held}`;
  const risk = parts.example.attribution.hotColdRisk;
  const bounds = risk?.interval;
  const times =
    risk === null
      ? ""
      : `, where a request is ${significant(risk.ratio)} times as likely to be slow as on the idlest` +
        (bounds === null || bounds === undefined
          ? ""
          : ` [${significant(bounds[0])}–${significant(bounds[1])}]`);
  const measured =
    figures.measuredBalancedTailUs === null
      ? ""
      : ` Without mesh-load's lag exact_balance measured a ${percentileName(tailQuantile)} of ${formatMicros(figures.measuredBalancedTailUs)}.`;
  const why = single
    ? "More runs are needed to tell how much of the tail is skew."
    : `How much of the tail is skew cannot be told: ${reason ?? "this run says too little of its workers"}.`;
  return `. ${busiest}${times}.${carriedBy(parts, "connections")} ${why}${measured}`;
}

function unseen(run: Run): string {
  return run.keepalive
    ? "Which worker served which connection is not known, so no part of it can be laid to skew."
    : "Every request had a connection of its own, and which worker served it is not known: no part of it can be laid to skew.";
}

/** The busiest worker by what carries its load: connections, or requests where these are spread differently. */
function busiestOf({ example: { run, attribution }, tailQuantile }: SentenceParts): {
  cause: string;
  held: string;
} {
  const byLoad = [...run.workers].sort((a, b) => b.latency.count - a.latency.count || a.id - b.id);
  const worker = byLoad[0]!;
  const connections = run.workers.reduce((sum, one) => sum + one.connections, 0);
  const share = connections === 0 ? 0 : worker.connections / connections;
  const own = attribution.perWorker.find((one) => one.worker === worker.id);
  const requestShare = own?.requestShare ?? 0;
  const tail = `${formatShare(own?.tailShare ?? 0)} of the requests beyond ${percentileName(tailQuantile)}`;
  const held = `${worker.connections} of ${connections} connections (${formatShare(share)})`;
  if (Math.abs(requestShare - share) <= 0.1)
    return { cause: run.keepalive ? "connection" : "request", held: `held ${held} and ${tail}` };
  return {
    cause: "request",
    held: `served ${formatShare(requestShare)} of the requests on ${held} and ${tail}`,
  };
}

/** What holds for every variant: the driver's own part, the runs behind the medians, and how little they are. */
function notesOf({ figures, example }: SentenceParts, withInterval: boolean): string {
  const notes: string[] = [];
  if (figures.lagUs >= 0.05 * figures.tailUs)
    notes.push(
      `${formatMicros(figures.lagUs)} (${formatShare(figures.lagUs / figures.tailUs)}) is mesh-load's own lag.`,
    );
  if (figures.runs > 1) {
    const [low, high] = figures.tailRangeUs;
    const indicative = figures.indicative && withInterval ? "; under 5 runs the interval only indicates" : "";
    notes.push(
      `(Median of ${figures.runs} runs [${formatMicros(low)}–${formatMicros(high)}]; the connections are run ${example.run.order + 1}'s${indicative}.)`,
    );
  } else if (withInterval) notes.push("(One run of the mode: the interval only indicates.)");
  return notes.map((note) => ` ${note}`).join("");
}

/** `[48–63]` in per cent; with words where a minus sign would read as a dash. */
function formatInterval(low: number, high: number): string {
  const [from, to] = [Math.round(low * 100), Math.round(high * 100)];
  return from < 0 || to < 0 ? `[${from} to ${to}]` : `[${from}–${to}]`;
}

const significant = (value: number): string => value.toFixed(value >= 9.95 ? 0 : value >= 0.095 ? 1 : 2);
