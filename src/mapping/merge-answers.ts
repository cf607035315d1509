/** What several ways say of the same connections → one mapping, and where they contradict each other. Pure. */

import type { MapChoice } from "../plan/plan.ts";
import type { Mapping } from "../result/mapping.ts";
import type { MappingMethod } from "../result/result.ts";

/** What one way found out: connection id → worker id, and what kept it from more. */
export interface Answer {
  readonly method: MappingMethod;
  readonly workerOf: ReadonlyMap<number, number>;
  readonly obstacle: string | null;
}

/**
 * Merges `answers`, the most trusted first: `auto` takes each connection's worker from the first that knows it, an
 * explicit choice from that one alone. The mapping's method is the one that told most; all others that know some of
 * its connections are compared with it. `reason` says in words who told how many, and why others did not.
 */
export function mergeAnswers(choice: MapChoice, answers: readonly Answer[], connections: number): Mapping {
  const workerOf = new Map<number, number>();
  const isAsked = (method: MappingMethod): boolean => choice === "auto" || choice === method;
  const told = answers.map(({ method, workerOf: found }) => {
    const before = workerOf.size;
    if (isAsked(method)) for (const [id, worker] of found) if (!workerOf.has(id)) workerOf.set(id, worker);
    return workerOf.size - before;
  });
  const most = Math.max(0, ...told);
  const primary = most === 0 ? undefined : answers[told.indexOf(most)];
  const checks = answers.flatMap((answer) => (answer === primary ? [] : compare(answer, primary?.workerOf)));
  const parts = answers.flatMap(({ method }, i) =>
    told[i] === 0 ? [] : [`${method} told ${told[i]} of ${connections} connections`],
  );
  for (const { method, compared, disagreed } of checks)
    parts.push(
      disagreed === 0
        ? `${method} agrees on ${compared}`
        : `${method} says otherwise of ${disagreed} of ${compared}`,
    );
  if (workerOf.size < connections)
    for (const { method, workerOf: found, obstacle } of answers)
      if (obstacle !== null && isAsked(method) && found.size < connections)
        parts.push(`not all by ${method}: ${obstacle}`);
  return { method: primary?.method ?? "none", workerOf, checks, reason: parts.join("; ") };
}

function compare(
  { method, workerOf }: Answer,
  with_: ReadonlyMap<number, number> = new Map(),
): Mapping["checks"] {
  const shared = [...workerOf].filter(([id]) => with_.has(id));
  if (shared.length === 0) return [];
  const disagreed = shared.filter(([id, worker]) => with_.get(id) !== worker).length;
  return [{ method, compared: shared.length, disagreed }];
}
