import { expect, test } from "vitest";
import { bench } from "../../src/output/bench.ts";
import { exampleSet, urlSet } from "../result/example-set.ts";

const ns = (us: number): number => Math.round(us * 1000);

test("a line for each run, with nanoseconds as the result has them", () => {
  const set = exampleSet();
  const lines = bench([set]).trimEnd().split("\n");
  expect(lines.slice(0, 2)).toEqual(["Unit req/s better=higher", "cpu: Example CPU"]);
  expect(lines).toHaveLength(2 + 9);
  const [{ latency, actual }] = set.runs as [(typeof set.runs)[0]];
  const { percentilesUs: p } = latency;
  expect(lines[2]).toBe(
    `BenchmarkMeshLoad/mode=default/c=128/qps=3000 6000 ${ns(latency.meanUs)} ns/op ${ns(p["50"]!)} p50-ns/op ` +
      `${ns(p["75"]!)} p75-ns/op ${ns(p["90"]!)} p90-ns/op ${ns(p["99"]!)} p99-ns/op ${ns(p["99.9"]!)} p99.9-ns/op ` +
      `${ns(latency.maxUs)} max-ns/op ${actual.qps} req/s 0 failures`,
  );
});

test("a set whose CPU is not known does not go for one of the set before it", () => {
  const set = urlSet();
  const elsewhere = { ...set, environment: { ...set.environment, cpuModel: null } };
  expect(bench([set, elsewhere]).match(/^cpu:.*$/gm)).toEqual(["cpu: Example CPU", "cpu:"]);
});

test("a run without a response has no latency, and names stay one word", () => {
  const set = urlSet();
  const run = { ...set.runs[0]!, side: "a b/c", latency: set.runs[0]!.tlsTime };
  expect(bench([{ ...set, runs: [run] }])).toContain(
    "BenchmarkMeshLoad/mode=a_b_c_127.0.0.1:8080/c=4/qps=200 0 200 req/s 0 failures\n",
  );
});
