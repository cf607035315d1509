/** What was done, and how far it came, in words. */

import type { LoadPlan } from "../plan/plan.ts";
import { plannedRuns } from "../plan/steps.ts";
import type { ResultSet } from "../result/result.ts";
import { formatMicros } from "../units.ts";
import { formatRate } from "./figures.ts";

/** What was done, in a sentence. */
export function headline({ plan, environment, runs }: ResultSet): string {
  const { load, lab, repetitions } = plan;
  const { envoy, workers, work } = environment;
  const changes = load.stages.length === 0 ? "" : `${load.stages.length} stages of up to `;
  const rate =
    plan.search !== null
      ? `the highest rate with ${plan.search.objectives.join(" and ")}`
      : load.qps === 0
        ? "as fast as it goes"
        : `${changes}${formatRate(load.qps)} qps`;
  const amount =
    load.exactly === null
      ? load.durationUs === 0
        ? "until interrupted"
        : formatMicros(load.durationUs).replace(".00", "")
      : `${load.exactly} requests`;
  const times = repetitions === 1 ? "" : ` × ${repetitions}`;
  const protocol = protocolOf(load);
  const server = envoy === null ? [] : [`Envoy ${envoy}${workers === null ? "" : `, ${workers} workers`}`];
  const burnt =
    work === null || work.perRequestUs === 0 ? [] : [`${formatMicros(work.perRequestUs)} work a request`];
  const [target] = runs;
  return [
    ...(lab === null && runs.length === 1 ? [target!.target.url] : []),
    `${plan.sweep.length === 0 ? load.connections : plan.sweep.join(", ")} connections, ${rate}, ${amount}${times}`,
    load.keepalive ? protocol : `${protocol}, a connection for each request`,
    ...(load.connect === "burst"
      ? []
      : [`opened ${load.connect === "serial" ? "one at a time" : `at ${load.connect}/s`}`]),
    ...server,
    ...burnt,
  ].join(" · ");
}

function protocolOf({ protocol, streams }: LoadPlan): string {
  if (protocol === "h2") return `HTTP/2, ${streams === 1 ? "1 stream" : `${streams} streams`} each`;
  return protocol === "http/1.0" ? "HTTP/1.0" : "HTTP/1.1";
}

/** Whether runs are missing, cut short or without an answer; a sentence each. */
export function incompleteness({ runs, plan }: ResultSet): string[] {
  const planned = plannedRuns(plan);
  const cut = runs.filter(({ state }) => state === "interrupted").length;
  const failed = runs.filter(({ stop }) => stop?.code === "no-answer").length;
  return [
    ...(runs.length < planned ? [`${runs.length} of ${planned} runs were made.`] : []),
    ...(cut > 0 ? [`${cut} of ${runs.length} runs cut short.`] : []),
    ...(failed > 0 ? [`${failed} of ${runs.length} runs had no answer at all.`] : []),
    ...runs.flatMap(({ order, state, stop }) =>
      state === "failed" && stop?.code !== "no-answer" ? [`Run ${order + 1} failed: ${stop?.message}.`] : [],
    ),
  ];
}
