/** Connections on a real Envoy, as it counts them. */

import { expect, test } from "vitest";
import type { ResultSet } from "../../src/result/result.ts";
import { meshLoad } from "../cli/mesh-load.ts";

/** Of a run on the lab's exact_balance listener, without work. */
async function runOf(...flags: string[]) {
  const args = "run -modes exact_balance -reps 1 -work 0 -json - -quiet".split(" ");
  const { stdout, stderr } = await meshLoad([...args, ...flags]);
  expect(stderr).toBe("");
  const set = JSON.parse(stdout) as ResultSet;
  return { run: set.runs[0]!, plan: set.plan };
}

test.each([
  ["HTTP/1.1", []],
  ["HTTP/2", ["-h2", "-s", "4"]],
])("replaces connections as planned, and Envoy counts as many: %s", async (_, flags) => {
  const { run, plan } = await runOf(..."-c 8 -qps 800 -t 1s -connection-reuse 10:30".split(" "), ...flags);
  expect(plan.load.connectionReuse).toEqual({ least: 10, most: 30 });
  expect(run.statuses).toEqual({ 200: 800 });
  expect(run.failures).toEqual({});
  // 100 requests on each of 8 slots, 10 to 30 a connection: 3 to 10 are retired on each.
  expect(run.retired).toBeGreaterThanOrEqual(8 * 3);
  expect(run.retired).toBeLessThanOrEqual(8 * 10);
  // Those of the last retired ones may be on their way when the load ends.
  expect(run.connections.length).toBe(8 + run.retired);
  expect(run.socketsOpened).toBeGreaterThanOrEqual(run.retired);
  for (const { retired, requests, closedAtUs } of run.connections)
    if (retired) {
      expect(requests).toBeGreaterThanOrEqual(10);
      expect(requests).toBeLessThanOrEqual(30);
      expect(closedAtUs).not.toBeNull();
    } else expect(closedAtUs).toBeNull();
  const codes = run.warnings.map(({ code }) => code);
  // Envoy's downstream_cx_total and downstream_rq_total are compared with ours: a difference would be a warning.
  for (const code of ["counts-differ", "other-traffic", "connections-lost"])
    expect(codes).not.toContain(code);
  // Every worker is known by the header that Envoy writes.
  expect(run.connections.every(({ requests, worker }) => requests === 0 || worker !== null)).toBe(true);
});

test.each([
  ["serial", "serial"],
  ["50/s", 50],
])("opens connections as -connect %s says, all of them, balanced by Envoy", async (connect, planned) => {
  const { run, plan } = await runOf(..."-c 12 -qps 120 -t 1s -threads 2".split(" "), "-connect", connect);
  expect(plan.load.connect).toBe(planned);
  expect(run.statuses).toEqual({ 200: 120 });
  expect(run.socketsOpened).toBe(12);
  expect(run.openFailures).toEqual({});
  expect(run.workers.map(({ connections }) => connections)).toEqual([6, 6]);
  expect(run.warnings.map(({ code }) => code)).not.toContain("counts-differ");
  const opened = run.connections.toSorted((a, b) => a.openedAtUs - b.openedAtUs);
  const spanUs = opened.at(-1)!.openedAtUs - opened[0]!.openedAtUs;
  // In the order of their slots; at a rate two threads take their turns without asking each other.
  for (const thread of connect === "serial" ? [[0, 1]] : [[0], [1]]) {
    const slots = opened.map(({ slot }) => slot).filter((slot) => thread.includes(slot % 2));
    expect(slots).toEqual(slots.toSorted((a, b) => a - b));
  }
  // Half of what is due is asked for, since the first may have been late.
  if (connect === "50/s") expect(spanUs).toBeGreaterThan(11 * 10_000);
});

test("a mix of requests counts as Envoy does, and every kind is told apart", async () => {
  const { run } = await runOf(..."-c 8 -n 1000 -qps 1000 -payload {uuid} -H x-id:{uuid}".split(" "));
  expect(run.statuses).toEqual({ 200: 1000 });
  expect(run.warnings.map(({ code }) => code)).not.toContain("counts-differ");
  expect(run.requestKinds).toEqual([]);
});
