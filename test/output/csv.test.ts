import { expect, test } from "vitest";
import { renderCsv } from "../../src/output/csv.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { exampleSet, urlSet } from "../result/example-set.ts";

const header =
  "schema,result_set,started_at,run,block,side,step,hop,mode,mode_in_effect,repetition,state,protocol,keepalive," +
  "scope,worker,requested_qps,requested_connections,connections,mapping,unmapped,requests,failures,censored,skipped," +
  "qps,latency_mean_us,latency_p50_us,latency_p75_us,latency_p90_us,latency_p99_us,latency_p999_us,latency_max_us," +
  "service_p50_us,service_p99_us,blocked_p99_us,lag_p99_us,cpu_percent,lift,tail_share,max_over_mean,skew_p," +
  "tail_quantile,skew_share,skew_share_lo,skew_share_hi,balanced_tail_us,warnings";

/** A reader of RFC 4180 of its own: fields, quotes, CR LF. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/gy;
  for (const [, value, end] of text.matchAll(field)) {
    rows.at(-1)!.push(value!.startsWith('"') ? value!.slice(1, -1).replaceAll('""', '"') : value!);
    if (end === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}

function records(set: ResultSet): Record<string, string>[] {
  const [names, ...rows] = parseCsv(renderCsv(set));
  return rows.map((row) => Object.fromEntries(row.map((value, i) => [names![i]!, value])));
}

test("the header is the documented one", () => {
  expect(renderCsv(urlSet()).split("\r\n")[0]).toBe(header);
});

test("the example is as it was read by a person", async () => {
  await expect(renderCsv(exampleSet())).toMatchFileSnapshot("../golden/example.csv");
});

test("a run has a row of its own and one for each worker, all of the same length", () => {
  const rows = records(exampleSet());
  expect(rows).toHaveLength(9 * 3);
  expect(rows.slice(0, 3).map(({ scope, worker }) => [scope, worker])).toEqual([
    ["all", ""],
    ["worker", "0"],
    ["worker", "1"],
  ]);
  expect(new Set(rows.map((row) => Object.keys(row).length))).toEqual(new Set([header.split(",").length]));
});

test("each figure is the one of the result, of the run or of the worker", () => {
  const set = exampleSet();
  const run = set.runs[0]!;
  const [all, first] = records(set) as [Record<string, string>, Record<string, string>];
  expect(all).toMatchObject({
    latency_p999_us: String(run.latency.percentilesUs["99.9"]),
    service_p99_us: String(run.serviceTime.percentilesUs["99"]),
    lag_p99_us: String(run.lag.percentilesUs["99"]),
    requests: String(run.actual.requests),
    cpu_percent: "",
    skew_share_hi: "0.63",
  });
  expect(first).toMatchObject({
    latency_p999_us: String(run.workers[0]!.latency.percentilesUs["99.9"]),
    service_p99_us: String(run.workers[0]!.serviceTime.percentilesUs["99"]),
    lag_p99_us: "",
    connections: "106",
    cpu_percent: "74.5",
    lift: String(set.attribution!.perRun[0]!.perWorker[0]!.lift),
    skew_share_hi: "",
  });
});

test("what is not known is empty: no attribution, no mode, no workers", () => {
  const [row] = records(urlSet({ fails: true }));
  expect(row).toMatchObject({
    mode: "",
    mode_in_effect: "",
    worker: "",
    lift: "",
    max_over_mean: "",
    balanced_tail_us: "",
    requests: "990",
    failures: "30",
    censored: "10",
    warnings: "failures workers-unseen",
  });
});

test("a worker without requests has no latency rather than one of 0", () => {
  const set = exampleSet();
  const [run] = set.runs;
  const idle = { ...run!.workers[1]!, latency: run!.tlsTime, serviceTime: run!.tlsTime };
  const row = records({ ...set, runs: [{ ...run!, workers: [idle] }] })[1];
  expect(row).toMatchObject({
    latency_mean_us: "",
    latency_p50_us: "",
    latency_max_us: "",
    service_p50_us: "",
  });
});

test("commas, quotes and line ends in names survive", () => {
  const set = urlSet();
  const run = { ...set.runs[0]!, side: 'a,"b"', step: "line\r\nend" };
  expect(records({ ...set, runs: [run] })[0]).toMatchObject({ side: 'a,"b"', step: "line\r\nend" });
});

test("several sets share one header", () => {
  const text = renderCsv(urlSet(), exampleSet());
  expect(parseCsv(text)).toHaveLength(1 + 1 + 27);
  expect(text.match(/schema,/g)).toHaveLength(1);
});
