/** What the tables show of a measurement. */

import type { Measurement } from "./measurement.ts";

export interface ColumnContext {
  /** The baseline of the same entrant in the same round, where the job has one. */
  readonly baseline: Measurement | null;
}

export interface Column {
  readonly label: string;
  readonly digits: number;
  /** `null` = this entrant does not tell, or cannot. */
  readonly value: (measurement: Measurement, context: ColumnContext) => number | null;
  /** A column beside it tells mesh-load's value divided by each peer's. */
  readonly ratio?: true;
}

export const cpuPerRequest: Column = {
  label: "CPU µs/request, whole process",
  digits: 1,
  ratio: true,
  value: ({ cpuS, requests }) => (cpuS * 1e6) / requests,
};

/** What one request more costs: start-up, and the costs of the end, fall out. */
export const marginalCpu: Column = {
  label: "… without start-up",
  digits: 1,
  ratio: true,
  value: ({ cpuS, requests }, { baseline }) =>
    // Of hardly more requests the slope is noise.
    baseline === null || requests < 1.5 * baseline.requests
      ? null
      : ((cpuS - baseline.cpuS) * 1e6) / (requests - baseline.requests),
};

export const requestsPerSecond: Column = {
  label: "requests/s",
  digits: 0,
  value: ({ requests, work }) => requests / work.seconds,
};

export const lagP50: Column = {
  label: "own lag p50 ms",
  digits: 3,
  value: ({ reported }) => millis(reported.lagP50Us),
};

export const lagP99: Column = {
  label: "p99 ms",
  digits: 3,
  value: ({ reported }) => millis(reported.lagP99Us),
};

export const gridP50: Column = {
  label: "distance from the grid p50 ms",
  digits: 3,
  ratio: true,
  value: ({ gridUs }) => millis(gridUs?.p50),
};

export const gridP99: Column = { label: "p99 ms", digits: 3, value: ({ gridUs }) => millis(gridUs?.p99) };

export const heldP50: Column = {
  label: "true p50 ms",
  digits: 3,
  value: ({ heldUs }) => millis(heldUs?.p50),
};

export const errorP50: Column = {
  label: "error of p50 ms",
  ratio: true,
  digits: 3,
  value: ({ heldUs, reported: { p50Us } }) =>
    heldUs === null || p50Us === null ? null : Math.abs(p50Us - heldUs.p50) / 1e3,
};

export const errorP99: Column = {
  label: "error of p99 ms",
  ratio: true,
  digits: 3,
  value: ({ heldUs, reported: { p99Us } }) =>
    heldUs === null || p99Us === null ? null : Math.abs(p99Us - heldUs.p99) / 1e3,
};

export const reportedP99: Column = {
  label: "p99 as reported ms",
  digits: 1,
  value: ({ reported }) => millis(reported.p99Us),
};

export const errorOfStall: Column = {
  label: "error of p99 %",
  digits: 1,
  value: ({ reported: { p99Us }, stallP99Us }) =>
    p99Us === null || stallP99Us === null ? null : (p99Us / stallP99Us - 1) * 100,
};

export const peakMemory: Column = {
  label: "peak memory MB",
  digits: 0,
  value: ({ peakBytes }) => peakBytes / 1e6,
};

export const memoryPerConnection: Column = {
  label: "KB/connection",
  digits: 1,
  ratio: true,
  value: ({ peakBytes, work }, { baseline }) =>
    baseline === null
      ? null
      : (peakBytes - baseline.peakBytes) / 1e3 / (work.connections - baseline.work.connections),
};

function millis(us: number | null | undefined): number | null {
  return us === null || us === undefined ? null : us / 1e3;
}
