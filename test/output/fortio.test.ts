import { expect, test } from "vitest";
import { fortioHistogram } from "../../src/output/fortio-histogram.ts";
import type { FortioHistogram } from "../../src/output/fortio-histogram.ts";
import { fortio } from "../../src/output/fortio.ts";
import { histogramOf, toDistribution } from "../../src/result/distribution.ts";
import { Histogram } from "../../src/histogram.ts";
import { seededRandom } from "../../src/random.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { exampleSet, urlSet } from "../result/example-set.ts";

const read = (set: ResultSet) =>
  fortio([set]).map(({ name, text }) => ({
    name,
    value: JSON.parse(String(text)) as Record<string, unknown>,
  }));

const near = (actual: number, expected: number): void =>
  expect(Math.abs(actual / expected - 1)).toBeLessThan(0.002);

test("a file for each run, named after its ID as Fortio's are", () => {
  const files = read(exampleSet());
  expect(files.map(({ name }) => name).slice(0, 2)).toEqual([
    "2025-01-02-030405_example_set_default_1.json",
    "2025-01-02-030405_example_set_reuse_port_1.json",
  ]);
  for (const { name, value } of files) expect(`${String(value["ID"])}.json`).toBe(name);
});

test("the fields are those of the run, in Fortio's units", () => {
  const example = urlSet({ fails: true });
  const set = { ...example, plan: { ...example.plan, runId: 7 } };
  const [run] = set.runs;
  const { value } = read(set)[0]!;
  expect(value).toMatchObject({
    RunType: "HTTP",
    RequestedQPS: "200",
    RequestedDuration: "5s",
    ActualQPS: run!.actual.qps,
    ActualDuration: 5_000_000_000,
    NumThreads: 4,
    RunID: 7,
    RetCodes: { "200": 970, "503": 20, "-1": 10 },
    URL: "http://127.0.0.1:8080/echo",
    HTTPReqTimeOut: set.plan.load.timeoutUs * 1000,
  });
  expect((value["DurationHistogram"] as FortioHistogram).Count).toBe(1000);
  expect((value["ErrorsDurationHistogram"] as FortioHistogram).Count).toBe(30);
});

test("what was to end a load is told in Fortio's words", () => {
  const set = urlSet();
  const asked = (amount: { exactly: number | null; durationUs: number }) =>
    read({ ...set, plan: { ...set.plan, load: { ...set.plan.load, ...amount } } })[0]!.value;
  expect(asked({ exactly: 500, durationUs: 0 })).toMatchObject({
    RequestedDuration: "exactly 500 calls",
    Exactly: 500,
  });
  expect(asked({ exactly: null, durationUs: 0 })).toMatchObject({
    RequestedDuration: "until stop",
    Exactly: 0,
  });
});

test("the histogram agrees with a sorted array: counts to their edges, mean, spread, quantiles", () => {
  const random = seededRandom(1, "fortio");
  const values = Array.from({ length: 5000 }, () => 200 - 900 * Math.log(1 - random()));
  const histogram = new Histogram();
  for (const us of values) histogram.record(us);
  const mean = values.reduce((sum, us) => sum + us, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, us) => sum + (us - mean) ** 2, 0) / values.length);
  const given = fortioHistogram(toDistribution(histogram, []));
  near(given.Avg * 1e6, mean);
  near(given.StdDev * 1e6, deviation);
  near(given.Min * 1e6, Math.min(...values));
  near(given.Max * 1e6, Math.max(...values));
  near(given.Sum * 1e6, mean * 5000);
  near(
    given.Percentiles!.find(({ Percentile }) => Percentile === 99)!.Value * 1e6,
    values.toSorted((a, b) => a - b)[4949]!,
  );
  const data = given.Data!;
  expect(data.reduce((sum, { Count }) => sum + Count, 0)).toBe(5000);
  expect(data.length).toBeLessThan(120);
  let end = 0;
  for (const bucket of data) {
    // Fortio's pages draw lines between the edges: they must not run back.
    expect(bucket.Start).toBeGreaterThanOrEqual(end);
    expect(bucket.End).toBeGreaterThanOrEqual(bucket.Start);
    end = bucket.End;
    const below = values.filter((us) => us / 1e6 <= bucket.End * 1.001).length;
    expect(Math.abs(bucket.Percent - (below / 5000) * 100)).toBeLessThan(0.5);
  }
  expect(data[0]!.Start).toBe(given.Min);
  expect(data.at(-1)).toMatchObject({ End: given.Max, Percent: 100 });
});

test("what never was has Fortio's empty histogram", () => {
  expect(fortioHistogram(urlSet().runs[0]!.failureLatency)).toEqual({
    Count: 0,
    Min: 0,
    Max: 0,
    Sum: 0,
    Avg: 0,
    StdDev: 0,
    Data: null,
  });
});

test("what Fortio calls duration, our service time, is there as well", () => {
  const set = urlSet();
  const { ServiceTime } = read(set)[0]!.value["MeshLoad"] as { ServiceTime: FortioHistogram };
  const [run] = set.runs;
  expect(ServiceTime.Max).toBe(run!.serviceTime.maxUs / 1e6);
  expect(histogramOf(run!.serviceTime).count).toBe(ServiceTime.Count);
});
