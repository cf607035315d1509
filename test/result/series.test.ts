import { describe, expect, test } from "vitest";
import { groupedQuantiles } from "../../src/result/distribution.ts";
import { outcomeOf } from "../../src/result/load.ts";
import type { ObservedSecond } from "../../src/result/observation.ts";
import { createSeries } from "../../src/result/series.ts";
import { connectionRow, createLoad, startedAtUs } from "./samples.ts";
import type { Row } from "./samples.ts";

const workers = { workers: [0, 1], workerOf: Int32Array.of(0, 1, -1) };
const connections = [0, 1, 2].map((id) => connectionRow(id));

function series(rows: readonly Row[], observed: readonly ObservedSecond[] = [], durationUs = 3e6) {
  return createSeries({ load: createLoad(rows, { connections }), durationUs }, workers, observed);
}

/** A scrape `atS` seconds after the start of the load. */
function scrape(atS: number, cpuPercent: number | null, connectionsOf0 = 64): ObservedSecond {
  return {
    atUs: startedAtUs + atS * 1e6,
    workers: [{ id: 0, connections: connectionsOf0, cpuPercent }],
    steal: 0.02,
    cpuPressure: null,
  };
}

test("each second has the requests that were due in it, in total and by worker", () => {
  const rows: Row[] = [
    { latencyUs: 10, connection: 0, second: 0 },
    { latencyUs: 30, connection: 1, second: 0 },
    { latencyUs: 20, connection: 2, second: 0 },
    { latencyUs: 5e6, connection: 0, second: 2, outcome: outcomeOf("timeout") },
    { latencyUs: 40, connection: 0, second: 2, outcome: 503 },
  ];
  expect(series(rows)).toEqual([
    {
      second: 0,
      steal: null,
      cpuPressure: null,
      requests: 3,
      failures: 0,
      p50Us: 20,
      p99Us: 30,
      workers: [
        { id: 0, connections: null, requests: 1, cpuPercent: null },
        { id: 1, connections: null, requests: 1, cpuPercent: null },
      ],
    },
    expect.objectContaining({ second: 1, requests: 0, failures: 0, p50Us: null, p99Us: null }),
    expect.objectContaining({ second: 2, requests: 1, failures: 2, p50Us: 40, p99Us: 5e6 }),
  ]);
});

test("a part of a second is a second, and a duration of three has three", () => {
  expect(series([], [], 2.2e6)).toHaveLength(3);
  expect(series([], [], 3e6)).toHaveLength(3);
  expect(series([], [], 0)).toHaveLength(0);
});

const cpu = (observed: readonly ObservedSecond[]) =>
  series([], observed).map((point) => point.workers[0]!.cpuPercent);

describe("scrapes", () => {
  test("stand in the second that they tell of: the one before them", () => {
    expect(
      cpu([scrape(0.02, 5), scrape(1.03, 10), scrape(2.01, 20), scrape(3.02, 30), scrape(4, 99)]),
    ).toEqual([10, 20, 30]);
  });

  test("that are missing leave a gap", () => {
    expect(cpu([scrape(1, 10), scrape(3.1, 30)])).toEqual([10, null, 30]);
  });

  test("of one second are averaged, and its last connections count", () => {
    const points = series([], [scrape(0.5, 10, 1), scrape(1, 30, 2), scrape(1.5, null, 3)]);
    expect(points[0]!.workers[0]).toMatchObject({ cpuPercent: 20, connections: 2 });
    expect(points[0]).toMatchObject({ steal: 0.02, cpuPressure: null });
    expect(points[1]!.workers[0]).toMatchObject({ cpuPercent: null, connections: 3 });
  });
});

test("grouped quantiles are those of each group sorted by itself", () => {
  const values = Float32Array.of(5, 1, 9, 3, 7, 2);
  const keys = Uint32Array.of(0, 0, 2, 0, 2, 9);
  const rows = groupedQuantiles({ values, keys, count: 6 }, 3, [0, 0.5, 1]);
  expect(rows.map((row) => Array.from(row))).toEqual([
    [1, 3, 5],
    [0, 0, 0],
    [7, 7, 9],
  ]);
});
