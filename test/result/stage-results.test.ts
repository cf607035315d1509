import { expect, test } from "vitest";
import { seededRandom } from "../../src/random.ts";
import { createRun } from "../../src/result/create-run.ts";
import type { StagePlan } from "../../src/plan/plan.ts";
import { CoarseRecorder } from "../../src/driver/coarse-recorder.ts";
import { outcomeOf } from "../../src/result/load.ts";
import { stagesCsv } from "../../src/output/csv-stages.ts";
import { groupsOf } from "../../src/output/groups.ts";
import { stageRows } from "../../src/output/stage-table.ts";
import { urlSet } from "./example-set.ts";
import { connectionRow, createLoad, loadPlan, runParts } from "./samples.ts";
import type { Row } from "./samples.ts";

const stage = (seconds: number, fromQps: number, toQps = fromQps): StagePlan => ({
  durationUs: seconds * 1e6,
  fromQps,
  toQps,
  fromConnections: 2,
  toConnections: 2,
});
const stages = [stage(2, 100), stage(1, 100, 900), stage(2, 900)];
const plan = { ...loadPlan, qps: 900, connections: 2, durationUs: 5e6, stages };
const mapping = {
  method: "epoll",
  workerOf: new Map([
    [0, 0],
    [1, 1],
  ]),
  checks: [],
  reason: "",
} as const;
const connections = [connectionRow(0), connectionRow(1)];

/** Requests whose latency tells their second, in an order of no meaning, as they may end. */
const random = seededRandom(3, "stages");
const rows: Row[] = Array.from({ length: 2500 }, (_, i) => {
  const second = i < 200 ? Math.floor(i / 100) : i < 700 ? 2 : 3 + Math.floor((i - 700) / 900);
  return {
    second,
    latencyUs: 1000 * (second + 1) + Math.floor(random() * 100),
    connection: i % 2,
    outcome: i % 100 === 7 ? 503 : i % 100 === 8 ? outcomeOf("timeout") : 200,
  };
});
const shuffled = rows.toSorted((a, b) => ((a.latencyUs * 7919) % 1009) - ((b.latencyUs * 7919) % 1009));

test("each stage has the requests due in it, and nobody else's", () => {
  const load = createLoad(shuffled, { durationUs: 5e6, connections });
  const run = createRun(runParts(load, { plan, mapping }));
  expect(run.stages.map(({ second, seconds, fromQps, toQps }) => [second, seconds, fromQps, toQps])).toEqual([
    [0, 2, 100, 100],
    [2, 1, 100, 900],
    [3, 2, 900, 900],
  ]);
  run.stages.forEach(({ second, seconds, requests, failures, latency, workers }) => {
    const own = rows.filter((row) => row.second! >= second && row.second! < second + seconds);
    expect(latency!.count).toBe(own.length);
    expect(requests).toBe(own.filter(({ outcome }) => outcome! < 1000).length);
    expect(failures).toBe(own.filter(({ outcome }) => outcome !== 200).length);
    const sorted = own.map(({ latencyUs }) => latencyUs).sort((a, b) => a - b);
    const median = sorted[Math.ceil(own.length / 2) - 1]!;
    expect(Math.abs(latency!.percentilesUs["50"]! - median)).toBeLessThan(median * 1e-3 + 0.064);
    expect(workers.map(({ latency: one }) => one.count)).toEqual(
      [0, 1].map((connection) => own.filter((row) => row.connection === connection).length),
    );
  });
  expect(run.stages.reduce((sum, { requests }) => sum + requests, 0)).toBe(run.actual.requests);
  // 200 + 500 + 1800 requests in 5 s.
  expect(run.requested).toEqual({ qps: 500, connections: 2, durationS: 5 });
});

const stop = { code: "interrupted", message: "" } as const;

test("a load that was cut short has the stages that it came to, the last until then", () => {
  const cut = rows.filter(({ second }) => second! < 3);
  const run = createRun(
    runParts(createLoad(cut, { durationUs: 2.5e6, connections, stop }), { plan, mapping }),
  );
  expect(run.stages.map(({ second, seconds }) => [second, seconds])).toEqual([
    [0, 2],
    [2, 0.5],
  ]);
});

test("the rate of a stage that was cut short is over what there was of it", () => {
  const cut = Array.from({ length: 180 }, (): Row => ({ second: 3, latencyUs: 100, connection: 0 }));
  const load = createLoad(cut, { durationUs: 3.2e6, connections, stop });
  const run = createRun(runParts(load, { plan, mapping }));
  const set = { ...urlSet(), runs: [run] };
  // 900 a second for 0.2 s.
  expect(stageRows(groupsOf(set)).rows.at(-1)!.slice(0, 4)).toEqual(["3–3.2 s", "2", "900", "900"]);
  const [header, ...lines] = [...stagesCsv([set])].join("").trim().split("\r\n");
  const qps = header!.split(",").indexOf("qps");
  const ofAll = lines.map((line) => line.split(",")).findLast((cells) => cells.includes("all"))!;
  expect(Number(ofAll[qps])).toBeCloseTo(900, 9);
});

test("a last stage that is held until interrupted lasts as long as the load", () => {
  const load = createLoad([...rows, { second: 11, latencyUs: 5, connection: 0 }], {
    durationUs: 12e6,
    connections,
  });
  const run = createRun(runParts(load, { plan: { ...plan, durationUs: 0 }, mapping }));
  expect(run.stages.at(-1)).toMatchObject({ second: 3, seconds: 9 });
  expect(run.stages.at(-1)!.latency!.count).toBe(1801);
  expect(run.requested.qps).toBe(900);
});

test("above the cap of kept samples a stage has its counts, and no quantile that would lack some", () => {
  const recorder = new CoarseRecorder(() => -1);
  const kept = rows.filter(({ second }) => second! < 3);
  for (const { latencyUs, second, connection, outcome } of rows.filter((row) => row.second! >= 3))
    recorder.record(latencyUs, 0, 0, connection!, second!, outcome!);
  const load = createLoad(kept, { durationUs: 5e6, connections });
  const samples = { ...load.samples, coarse: recorder.take() };
  const run = createRun(runParts({ ...load, samples }, { plan, mapping }));
  expect(run.stages.map(({ latency }) => latency?.count ?? null)).toEqual([200, 500, null]);
  expect(run.stages[2]!.requests).toBe(1800 - 18);
  expect(run.stages[2]!.failures).toBe(36);
});

test("a load that does not change has no stages", () => {
  expect(createRun(runParts(createLoad(rows, { connections }))).stages).toEqual([]);
});
