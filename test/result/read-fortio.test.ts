import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fortio } from "../../src/output/fortio.ts";
import { renderTable } from "../../src/output/table.ts";
import { longestTimerUs } from "../../src/plan/duration.ts";
import { histogramOf } from "../../src/result/distribution.ts";
import type { FortioFile } from "../../src/result/fortio-file.ts";
import { readResultSet, resultSetFrom } from "../../src/result/read-result-set.ts";
import { resultSchema } from "../../src/result/schema.ts";
import { createValidator } from "../../src/schema.ts";
import { thrown } from "../thrown.ts";
import { urlSet } from "./example-set.ts";

const path = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/fortio/${name}.json`, import.meta.url));
const original = (name: string): FortioFile => JSON.parse(readFileSync(path(name), "utf8")) as FortioFile;
const from = (value: unknown): ReturnType<typeof resultSetFrom> =>
  resultSetFrom(Buffer.from(JSON.stringify(value)), "file.json");

test.each(["plain", "errors", "timeout-retry", "nocatchup-uniform", "h2", "grpc"])(
  "%s is read with Fortio's own figures, as service times, and fits the schema",
  async (name) => {
    const file = original(name);
    const set = await readResultSet(path(name));
    expect(createValidator(resultSchema)(set)).toBeNull();
    expect(set).toMatchObject({
      id: file.ID,
      labels: file.Labels,
      tool: { name: "fortio", version: "1.66.5" },
    });
    const [run] = set.runs;
    const { DurationHistogram: durations } = file;
    expect(run!.latency.count).toBe(0);
    const { serviceTime } = run!;
    expect(serviceTime.count).toBe(durations.Count);
    expect(serviceTime.meanUs).toBeCloseTo(durations.Avg * 1e6, 3);
    expect(serviceTime.maxUs).toBeCloseTo(durations.Max * 1e6, 3);
    for (const { Percentile, Value } of durations.Percentiles!)
      expect(serviceTime.percentilesUs[String(Percentile)]).toBeCloseTo(Value * 1e6, 3);
    // The histogram itself keeps each bucket's count between its edges.
    const histogram = histogramOf(serviceTime);
    let seen = 0;
    for (const { End, Count } of durations.Data!) {
      seen += Count;
      expect(histogram.countAbove(End * 1e6 * 1.001)).toBeLessThanOrEqual(durations.Count - seen);
      expect(histogram.countAbove(End * 1e6 * 0.999)).toBeGreaterThanOrEqual(durations.Count - seen);
    }
    expect(run!.warnings.map(({ code }) => code)[0]).toBe("service-time-only");
  },
);

test("a count has the time that it takes at its rate, as its run has here", async () => {
  const counted = { ...original("plain"), RequestedDuration: "exactly 600 calls", Exactly: 600 };
  const [atRate, flatOut] = await Promise.all([from(counted), from({ ...counted, RequestedQPS: "max" })]);
  expect(atRate.runs[0]!.requested).toMatchObject({ qps: 200, durationS: 3 });
  expect(atRate.plan.load).toMatchObject({ exactly: 600, durationUs: 0 });
  expect(flatOut.runs[0]!.requested).toMatchObject({ qps: 0, durationS: 0 });
});

test("a timeout that is longer than any of ours is the longest", async () => {
  const { plan } = await from({ ...original("plain"), HTTPReqTimeOut: 3600e9 * 1000 });
  expect(plan.load.timeoutUs).toBe(longestTimerUs);
});

test("what was asked, got and failed is in the run", async () => {
  const [run] = (await readResultSet(path("errors"))).runs;
  expect(run).toMatchObject({
    requested: { qps: 200, connections: 4, durationS: 2 },
    statuses: { "200": 293, "429": 18, "503": 89 },
    failures: { "http-error": 107 },
    socketsOpened: 111,
    addresses: { "127.0.0.1:18080": 111 },
    keepalive: true,
    protocol: "http/1.1",
  });
  expect(run!.failureLatency.count).toBe(107);
  const [retried] = (await readResultSet(path("timeout-retry"))).runs;
  expect(retried).toMatchObject({
    statuses: { "200": 144 },
    failures: { unanswered: 6 },
    actual: { requests: 144, driverCpuS: null },
    bytes: { sent: null, received: null },
  });
  expect(retried!.censored.count).toBe(6);
  expect((await readResultSet(path("h2"))).plan.load.protocol).toBe("h2");
});

test("how wide the bucket of the p99 is, is told where it matters", async () => {
  const warnings = (await readResultSet(path("plain"))).runs[0]!.warnings;
  const { DurationHistogram: durations } = original("plain");
  let seen = 0;
  const bucket = durations.Data!.find(({ Count }) => (seen += Count) >= 0.99 * durations.Count)!;
  expect(bucket).toMatchObject({ Start: 0.0007, End: 0.0008 });
  expect(warnings[1]!.message).toContain("p99 is only known to lie between 700 µs and 800 µs");
});

test("the report shows service times, and says that they are", async () => {
  const text = renderTable(await readResultSet(path("plain")), { columns: 80, color: false });
  expect(text).toContain("Service time in ms, from when a request was sent to the last byte");
  expect(text).toMatch(/^127\.0\.0\.1:18080 +200 +200 +0\.31 /m);
  expect(text).toContain("! service-time-only: ");
  expect(text).not.toMatch(/^latency /m);
});

test.each([
  [{ RunType: "TCP" }, "a TCP run is not of HTTP"],
  [{ DurationHistogram: { Count: 1 } }, '/DurationHistogram lacks "Min"'],
  [{ NumThreads: "4" }, "/NumThreads must be a whole number"],
])("a file with %j is refused", async (change, reason) => {
  expect(await thrown(() => from({ ...original("plain"), ...change }))).toBe(
    `RESULT_UNREADABLE (3): Cannot read file.json: as a result of Fortio: ${reason} | Results of its HTTP and gRPC runs are read.`,
  );
});

test("what mesh-load wrote for Fortio comes back as latency and service time", async () => {
  const set = urlSet();
  const [document] = fortio([set]);
  const [run] = (await from(JSON.parse(String(document!.text)))).runs;
  const [{ latency, serviceTime }] = set.runs as [(typeof set.runs)[0]];
  expect(run!.latency.percentilesUs).toEqual(latency.percentilesUs);
  expect(run!.serviceTime.count).toBe(serviceTime.count);
  expect(run!.warnings.map(({ code }) => code)).not.toContain("service-time-only");
});
