import { expect, test } from "vitest";
import { connectionsCsv } from "../../src/output/csv-connections.ts";
import { seriesCsv } from "../../src/output/csv-series.ts";
import { stagesCsv } from "../../src/output/csv-stages.ts";
import { csv } from "../../src/output/csv.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { exampleSet, gateways, stagedSet, urlSet, urlsSet } from "../result/example-set.ts";

const header =
  "schema,result_set,started_at,run,block,side,step,hop,mode,mode_in_effect,repetition,state,protocol,keepalive," +
  "scope,worker,requested_qps,requested_connections,connections,mapping,unmapped,requests,failures,censored,skipped," +
  "qps,latency_mean_us,latency_p50_us,latency_p75_us,latency_p90_us,latency_p99_us,latency_p999_us,latency_max_us," +
  "service_p50_us,service_p99_us,blocked_p99_us,lag_p99_us,cpu_percent,lift,tail_share,max_over_mean,request_max_over_mean,skew_p," +
  "tail_quantile,skew_share,skew_share_lo,skew_share_hi,balanced_tail_us,downstream_tail_lo_us,downstream_tail_hi_us,upstream_tail_lo_us,upstream_tail_hi_us,warnings,target";

const renderCsv = (...sets: ResultSet[]): string => [...csv(sets)].join("");

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

function records(set: ResultSet, text = renderCsv(set)): Record<string, string>[] {
  const [names, ...rows] = parseCsv(text);
  return rows.map((row) => Object.fromEntries(row.map((value, i) => [names![i]!, value])));
}

test("the header is the documented one", () => {
  expect(renderCsv(urlSet()).split("\r\n")[0]).toBe(header);
});

test("the last column of every CSV names the target, for those without a mode have no other name", () => {
  const set = urlsSet(gateways.map((host) => `http://${host}:8080/?token=secret`));
  const [{ stages }] = stagedSet().runs as [ResultSet["runs"][number]];
  const runs = set.runs.map((run) => Object.assign({}, run, { stages }));
  for (const render of [csv, seriesCsv, stagesCsv, connectionsCsv]) {
    const text = [...render([{ ...set, runs }])].join("");
    expect(parseCsv(text)[0]!.at(-1)).toBe("target");
    expect([...new Set(records(set, text).map(({ target }) => target))]).toEqual(
      gateways.map((host) => `${host}:8080`),
    );
    expect(text).not.toContain("secret");
  }
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

test("skew of requests has a column beside that of connections", () => {
  const set = exampleSet();
  const attribution = set.attribution!;
  const perRun = attribution.perRun.map((run) => ({
    ...run,
    requestSkew: { ...run.requestSkew!, maxOverMean: 1.25 },
  }));
  const [all, worker] = records({ ...set, attribution: { ...attribution, perRun } });
  expect(all).toMatchObject({ max_over_mean: String(106 / 64), request_max_over_mean: "1.25" });
  expect(worker).toMatchObject({ max_over_mean: "", request_max_over_mean: "" });
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

const byRunAndScope = (row: Record<string, string>): string =>
  `${row["run"]} ${row["scope"]} ${row["worker"]}`;

test("csv-series has a row for each second and one for each worker in it, and their requests add up", () => {
  const set = exampleSet();
  const rows = records(set, [...seriesCsv([set])].join(""));
  const seconds = set.runs.map(({ series }) => series.length);
  expect(rows).toHaveLength(seconds.reduce((sum, count) => sum + count * 3, 0));
  const groups = Map.groupBy(rows, byRunAndScope);
  for (const { order, latency, workers } of set.runs) {
    const requests = (key: string): number =>
      groups.get(key)!.reduce((sum, row) => sum + Number(row["requests"]), 0);
    expect(requests(`${order} all `)).toBe(latency.count);
    for (const { id, latency: own } of workers) expect(requests(`${order} worker ${id}`)).toBe(own.count);
  }
  const { series } = set.runs[0]!;
  expect(rows[0]).toMatchObject({
    second: "0",
    latency_p99_us: String(series[0]!.p99Us),
    cpu_percent: "",
    steal: String(series[0]!.steal ?? ""),
  });
  expect(rows[1]).toMatchObject({ worker: "0", latency_p99_us: "", steal: "", result_set: set.id });
});

test("a second without requests has no quantile, nor where an older file has 0", () => {
  const set = urlSet();
  const [run] = set.runs;
  const [second] = run!.series;
  const empty = { ...second!, requests: 0, failures: 0 };
  const series = [
    { ...empty, p50Us: null, p99Us: null },
    { ...empty, p50Us: 0, p99Us: 0 },
  ];
  const idle = { ...set, runs: [{ ...run!, series }] };
  for (const row of records(idle, [...seriesCsv([idle])].join("")))
    expect(row).toMatchObject({ requests: "0", latency_p50_us: "", latency_p99_us: "" });
});

test("csv-connections has a row for each connection, under its worker", () => {
  const set = exampleSet();
  const rows = records(set, [...connectionsCsv([set])].join(""));
  expect(rows).toHaveLength(9 * 128);
  expect(rows.filter(({ run, worker }) => run === "0" && worker === "0")).toHaveLength(106);
  const [first] = set.runs[0]!.connections;
  expect(rows[0]).toMatchObject({
    connection: String(first!.id),
    local_port: String(first!.localPort),
    requests: String(first!.requests),
    latency_p50_us: String(first!.p50Us),
  });
});

const sharesIn = (set: ResultSet) =>
  records(set, [...connectionsCsv([set])].join("")).map((row) => row["intended_share"]);

test("csv-connections has the share that a connection was meant to have, empty where all are alike", () => {
  const set = urlSet();
  const [run] = set.runs;
  const [first] = run!.connections;
  const connections = [
    { ...first!, intendedShare: 6 / 7 },
    { ...first!, intendedShare: 1 / 7 },
  ];
  const unequal = { ...set, runs: [{ ...run!, connections }] };
  expect(sharesIn(unequal).map(Number)).toEqual([6 / 7, 1 / 7]);
  expect(new Set(sharesIn(set))).toEqual(new Set([""]));
});

test("a connection that was never established has no port and no latency", () => {
  const set = urlSet();
  const [run] = set.runs;
  const refused = { ...run!.connections[0]!, localPort: 0, requests: 0, failures: 0, p50Us: 0 };
  const refusedSet = { ...set, runs: [{ ...run!, connections: [refused] }] };
  const [row] = records(refusedSet, [...connectionsCsv([refusedSet])].join(""));
  expect(row).toMatchObject({ local_port: "", latency_p50_us: "", worker: "" });
});

test("a stage has a row, and one for each worker in it; what is not known of it is empty", () => {
  const set = stagedSet();
  const [all, worker, then, ...more] = records(set, [...stagesCsv([set])].join(""));
  const { latency, serviceTime, lag } = set.runs[0]!;
  expect(all).toMatchObject({
    stage: "0",
    scope: "all",
    seconds: "2",
    from_qps: "100",
    requests: "200",
    qps: "100",
    latency_p999_us: String(latency.percentilesUs["99.9"]),
    latency_max_us: String(latency.maxUs),
    service_p99_us: String(serviceTime.percentilesUs["99"]),
    lag_p99_us: String(lag.percentilesUs["99"]),
  });
  expect(worker).toMatchObject({
    stage: "0",
    scope: "worker",
    worker: "3",
    from_qps: "",
    qps: "75",
    latency_p99_us: String(serviceTime.percentilesUs["99"]),
  });
  expect(then).toMatchObject({
    stage: "1",
    second: "2",
    to_qps: "900",
    to_connections: "16",
    qps: "500",
    failures: "1",
    latency_p99_us: "",
    lag_p99_us: "",
  });
  expect(more).toEqual([]);
  expect([...stagesCsv([exampleSet()])].join("").trimEnd().split("\r\n")).toHaveLength(1);
});
