/** The highest rate that holds: over connections that wait 20 ms each, it is known. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { readResultSet } from "../../src/result/read-result-set.ts";
import { start, temporaryDirectory } from "../cli/mesh-load.ts";

test("four connections and 40 ms a request hold no more than 100 requests a second", async () => {
  using directory = temporaryDirectory();
  const out = join(directory.path, "out.json");
  const load = ["-c", "4", "-qps", "60", "-t", "1s", "-reps", "1", "-upstream-delay", "40ms", "-work", "0"];
  const goal = ["-find-max", "-slo", "p50<120ms", "-modes", "default,exact_balance"];
  using run = start(["run", ...load, ...goal, "-no-save", "-json", out], { cwd: directory.path });
  const { code, stdout } = await run.ended;

  const { maxRates, runs } = await readResultSet(out);
  expect(maxRates.map(({ target }) => target)).toEqual(["default", "exact_balance"]);
  // A busy machine makes mesh-load late, which is said, and then the answer is a lower one.
  const isDriver = maxRates.some(({ end }) => end === "driver-saturated");
  expect(code).toBe(isDriver ? 4 : 0);
  for (const { target, qps, failedQps, end, probes, sentence } of maxRates) {
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(sentence);
    expect(["found", "driver-saturated"]).toContain(end);
    // A second of 120 requests leaves 20 waiting, and most could not be sent when they were due.
    expect(failedQps).toBeLessThanOrEqual(120);
    expect(failedQps! / qps!).toBeGreaterThan(1);
    expect(failedQps! / qps!).toBeLessThanOrEqual(1.05);
    for (const probe of probes.filter((one) => one.qps >= 120)) expect(probe.held).toBe(false);
    const own = runs.filter(({ mode }) => mode === target);
    expect(probes.map((one) => [one.qps, one.runs])).toEqual(
      own.map(({ requested }) => [requested.qps, 1]).toSorted(([a], [b]) => a! - b!),
    );
    for (const { step, requested } of own) expect(step).toBe(`qps=${requested.qps}`);
    expect(own[0]!.step).toBe("qps=60");
  }
});
