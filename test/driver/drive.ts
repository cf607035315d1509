import { startDriver } from "../../src/driver/driver.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import { failureReasonOf } from "../../src/result/load.ts";
import type { Load, Samples } from "../../src/result/load.ts";
import { exampleLoad } from "../plan/example-load.ts";

/** Drives one load on a URL, from the opening burst to the last close. */
export async function drive(
  url: string,
  changes: Partial<LoadPlan>,
  signal = new AbortController().signal,
): Promise<Load> {
  await using driver = await startDriver({
    load: { ...exampleLoad, ...changes },
    url,
    seed: 1,
    workerHeader: "x-envoy-worker",
    signal,
  });
  return await driver.drive({ onStart: () => {} });
}

/** How many samples had which outcome: by status, or by failure reason. */
export function outcomes({ outcome }: Samples): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of outcome) {
    const name = failureReasonOf(one) ?? String(one);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
