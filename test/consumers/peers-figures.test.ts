import { expect, test } from "vitest";
import { figuresTable } from "../bench/figures.ts";
import type { Measurement } from "../bench/measurement.ts";
import { coarse, everybody, fortioUniform } from "../bench/peers/peers.ts";
import type { Work } from "../bench/peers/peer.ts";
import type { Series } from "../bench/series.ts";

const work: Work = { connections: 64, qps: 0, seconds: 4, keepalive: true };

const measurement = (changes: Partial<Measurement>): Measurement => ({
  work,
  requests: 3000,
  cpuS: 1,
  peakBytes: 0,
  reported: { p50Us: null, p99Us: null },
  gridUs: null,
  heldUs: null,
  stallP99Us: null,
  ...changes,
});

const entrants = [...everybody, coarse, fortioUniform];

/** A second of each round took 1000 requests; `cpuS` = those of the rounds, with 3000 requests each. */
const series = (
  name: string,
  rounds: readonly Partial<Measurement>[],
  secondsCpuS: readonly number[] = [0.5, 0.5, 0.5],
): Series => ({
  entrant: entrants.find((entrant) => entrant.name === name)!,
  rounds: rounds.map((changes, round) => ({
    run: measurement(changes),
    baseline: measurement({ cpuS: secondsCpuS[round]!, requests: 1000 }),
  })),
  remarks: new Set(),
});

test("CPU is judged by the median of the ratios of each round, without start-up", () => {
  const ours = series("mesh-load", [{ cpuS: 0.7 }, { cpuS: 0.78 }, { cpuS: 1.5 }]);
  const fortio = series("fortio", [{ cpuS: 1 }, { cpuS: 1 }, { cpuS: 2 }]);
  const table = figuresTable(new Map([["h1-full", [ours, fortio]]]))!;
  // Slopes 100, 140, 500 µs against 250, 250, 750: 0.4, 0.56, 0.67. Whole: 0.7, 0.78, 0.75.
  expect(table.rows.find((cells) => cells[3] === "fortio")).toEqual([
    "`h1-full`",
    "CPU/request",
    "mesh-load",
    "fortio",
    "0.56",
    "0.75",
    "≤ 0.65",
    "≤ 0.6",
    "stretch reached",
  ]);
  const wrk = table.rows.find((cells) => cells[3] === "wrk")!;
  expect([wrk[4], wrk.at(-1)]).toEqual(["–", "not measured"]);
});

test("each round subtracts the start-up of its own", () => {
  const ours = series("mesh-load", [{ cpuS: 0.7 }, { cpuS: 0.78 }, { cpuS: 1.5 }], [0.5, 0.62, 0.5]);
  const fortio = series("fortio", [{ cpuS: 1 }, { cpuS: 1 }, { cpuS: 2 }]);
  const table = figuresTable(new Map([["h1-full", [ours, fortio]]]))!;
  // Slopes 100, 80, 500 µs against 250, 250, 750: 0.4, 0.32, 0.67.
  expect(table.rows.find((cells) => cells[3] === "fortio")![4]).toBe("0.40");
});

const grid = (name: string, ...p50: number[]): Series =>
  series(
    name,
    p50.map((us) => ({ gridUs: { p50: us, p99: 0 } })),
  );

test("the best peer is none of ours, and the one whose median is the least", () => {
  const all = [
    grid("mesh-load", 100, 30, 100),
    grid("mesh-load -pacing coarse", 1, 1, 1),
    grid("fortio", 10, 900, 900),
    grid("fortio -uniform", 300, 300, 300),
  ];
  const table = figuresTable(new Map([["arrivals", all]]))!;
  expect(table.rows).toHaveLength(1);
  expect(table.rows[0]!.slice(3)).toEqual([
    "the best peer, fortio -uniform",
    "0.33",
    "",
    "≤ 0.25",
    "≤ 0.12",
    "missed",
  ]);
});

test("recording is judged by the worse of its loads", () => {
  const table = {
    headings: [],
    rows: [
      ["a", "1", "1", "2.00"],
      ["b", "3", "1", "4.00"],
    ],
    notes: [],
  };
  expect(figuresTable(new Map([["recording", table]]))!.rows[0]!.slice(4)).toEqual([
    "4.00",
    "",
    "≤ 5",
    "≤ 3",
    "reached",
  ]);
  expect(figuresTable(new Map())).toBeNull();
});
