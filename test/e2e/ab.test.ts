/** Two labs in turn, one of them slower: the planted regression is found, and two that are alike pass. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readResultSet } from "../../src/result/read-result-set.ts";
import { start, temporaryDirectory } from "../cli/mesh-load.ts";

const load = [
  "-modes",
  "exact_balance",
  "-c",
  "16",
  "-qps",
  "400",
  "-t",
  "1200ms",
  "-work",
  "0",
  "-reps",
  "5",
];
const upstream = ["-upstream-delay", "10ms", "-quiet"];

// Exit code 4 says that a busy machine kept the driver from its rate: what the gates say holds all the same.

// Four times the delay, against a gate of +100 %: no noise of a busy machine makes that equal, or one into the other.
test("a slower upstream on side b fails the gate, and the runs stand in pairs", async () => {
  using directory = temporaryDirectory();
  const slower = ["-ab-upstream-delay", "40ms", "-gate", "p50<=+100%"];
  using run = start(["run", "-ab", ...load, ...upstream, ...slower], { cwd: directory.path });
  const { code, stdout, stderr } = await run.ended;
  expect(stderr).toBe("");
  expect([1, 4]).toContain(code);
  expect(stdout).toMatch(/^✗ p50<=\+100% in exact_balance: p50 changed by \+\d+ %/m);

  const [file] = readdirSync(join(directory.path, "results"));
  const set = await readResultSet(join(directory.path, "results", file!));
  const { runs, environment } = set;
  expect(runs).toHaveLength(10);
  for (let block = 0; block < 5; block++) {
    const pair = runs.slice(2 * block, 2 * block + 2);
    expect(pair.map((one) => one.block)).toEqual([block, block]);
    expect(pair.map(({ side }) => side).toSorted()).toEqual(["a", "b"]);
  }
  // Which side goes first is drawn anew for each block; the upstream tells which one answered.
  const fastest = (side: string): number =>
    Math.min(...runs.filter((one) => one.side === side).map(({ latency }) => latency.percentilesUs["50"]!));
  expect(fastest("a")).toBeGreaterThan(10_000);
  expect(fastest("a")).toBeLessThan(40_000);
  expect(fastest("b")).toBeGreaterThan(40_000);
  expect(environment.sides).toEqual({
    a: { envoy: environment.envoy, work: null },
    b: { envoy: environment.envoy, work: null },
  });
});

test("two labs that are alike pass", async () => {
  using directory = temporaryDirectory();
  const gate = ["-gate", "p50<=+300%", "-gate", "failures==0"];
  using run = start(["run", "-ab", ...load, ...upstream, ...gate], { cwd: directory.path });
  const { code, stdout } = await run.ended;
  expect(stdout).toContain("Passed: all 2 gates hold");
  expect([0, 4]).toContain(code);
});
