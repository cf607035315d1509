/** The part of the result's schema that tells of a chain of proxies. */

import type { HopResult, HopWorker, Links, MillisBin, RequestTimes } from "./hops.ts";
import { amount, count, list, object, optional, orNull, text } from "./schema-words.ts";
import type { JsonSchema } from "./schema-words.ts";

const bins = list(object<MillisBin>({ fromMs: count, toMs: count, count }));
const times = object<RequestTimes>({ downstream: orNull(bins), upstream: orNull(bins), reason: text });

/** `proof` and `dispatcher` are those of a run and its workers. */
export function hopSchema({
  proof,
  dispatcher,
}: Readonly<Record<"proof" | "dispatcher", JsonSchema>>): JsonSchema {
  const worker = object<HopWorker>({
    id: count,
    name: text,
    connections: orNull(count),
    cpuPercent: orNull(amount),
    dispatcher: orNull(dispatcher),
  });
  const links = object<Links>({
    mapped: count,
    unmapped: count,
    elsewhere: count,
    before: count,
    matrix: list(object<Links["matrix"][number]>({ from: count, to: count, connections: count })),
    reason: text,
  });
  return object<HopResult>({
    hop: { type: "integer", minimum: 1 },
    envoy: orNull(text),
    proof,
    counted: object<HopResult["counted"]>({ connections: orNull(count), requests: orNull(count) }),
    times: orNull(times),
    workers: list(optional<HopWorker>(worker, "name")),
    links: orNull(links),
  });
}
