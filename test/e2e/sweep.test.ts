/** A sweep in the lab: runs of each step and mode, interleaved within the step, with as many connections as it says. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { readResultSet } from "../../src/result/read-result-set.ts";
import { start, temporaryDirectory } from "../cli/mesh-load.ts";

test("-c 2,5,16 at saturation drives each step in each mode, a block a step", async () => {
  using directory = temporaryDirectory();
  const out = join(directory.path, "out.json");
  const load = ["-c", "2,5,16", "-qps", "0", "-n", "400", "-reps", "2", "-work", "0"];
  const lab = ["-modes", "default,exact_balance", "-no-save", "-json", out, "-csv", "out.csv"];
  using run = start(["run", ...load, ...lab], { cwd: directory.path });
  const { code, stdout, stderr } = await run.ended;
  expect([code, stderr.match(/^run 12\/12 c=16 \w+ #2 · done/m)?.length]).toEqual([0, 1]);
  expect(stdout).toMatch(/^2, 5, 16 connections, as fast as it goes, 400 requests × 2/);
  expect(stdout.match(/^c=\d+ +default +max /gm)).toHaveLength(3);

  const { runs, plan, attribution } = await readResultSet(out);
  expect(plan.sweep).toEqual([2, 5, 16]);
  const steps = [2, 5, 16, 2, 5, 16];
  expect(runs).toHaveLength(12);
  for (const [block, connections] of steps.entries()) {
    const pair = runs.slice(2 * block, 2 * block + 2);
    expect(pair.map((one) => [one.block, one.step])).toEqual(pair.map(() => [block, `c=${connections}`]));
    expect(pair.map(({ mode }) => mode).toSorted()).toEqual(["default", "exact_balance"]);
    for (const one of pair) {
      expect([one.repetition, one.socketsOpened, one.connections.length, one.actual.requests]).toEqual([
        Math.floor(block / 3),
        connections,
        connections,
        400,
      ]);
      const held = one.workers.map((worker) => worker.connections ?? 0);
      expect(held.reduce((sum, count) => sum + count, 0)).toBe(connections);
      if (one.mode === "exact_balance") expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
    }
  }
  expect(
    attribution!.perRun
      .map(({ group }) => group)
      .toSorted()
      .filter((g, i, all) => g !== all[i - 1]),
  ).toEqual([2, 5, 16].flatMap((c) => [`c=${c} default`, `c=${c} exact_balance`]).toSorted());
});
