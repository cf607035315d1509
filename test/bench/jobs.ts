/** Every job: one more is one more row. */

import * as column from "./columns.ts";
import type { Job, LoadJob } from "./job.ts";
import { coarse, everybody, fortioUniform, spin } from "./peers/peers.ts";
import type { Work } from "./peers/peer.ts";
import { recordingJob } from "./recording-job.ts";
import { startJob } from "./start-job.ts";

const cpuColumns = [column.cpuPerRequest, column.marginalCpu, column.requestsPerSecond];
const answersAtOnce = { delayMs: 0, stall: { fromMs: 0, forMs: 0 } };

/** On Envoy, as fast as it goes. */
const flatOut = (name: string, title: string, method: string, work: Partial<Work>): LoadJob => ({
  name,
  title: `${title}, as fast as it goes`,
  method,
  work: { connections: 64, qps: 0, seconds: 4, keepalive: true, ...work },
  server: "envoy",
  entrants: everybody,
  baseline: { seconds: 1 },
  columns: cpuColumns,
  rounds: 3,
});

const twoThreadsJob = (qps: number): LoadJob => ({
  name: `threads-${qps}`,
  title: `HTTP/1.1 keepalive, ${qps} requests/s by two threads`,
  method:
    "128 connections on Envoy. The tester shares the machine with it: where the rate is not reached, requests/s says so. Two threads for those that can be told; the others have as many as they like.",
  work: { connections: 128, qps, seconds: 3, keepalive: true, threads: 2 },
  server: "envoy",
  entrants: [...everybody, coarse, fortioUniform],
  columns: [column.requestsPerSecond, column.cpuPerRequest, column.lagP50, column.lagP99],
  rounds: 2,
});

const delayJob = (delayMs: number): LoadJob => ({
  name: `delay-${delayMs}`,
  title: `Known delay of ${delayMs} ms`,
  method: `200 requests/s over 8 connections to the recorder, which holds every request for ${delayMs} ms and notes how long it really did: the truth. The error is how far from that truth is what the tester reports.`,
  // Of fewer requests the p99 would be that of the first few, or one wake of the recorder's.
  work: { connections: 8, qps: 200, seconds: 10, keepalive: true },
  server: { ...answersAtOnce, delayMs },
  entrants: [...everybody, spin, fortioUniform],
  columns: [column.heldP50, column.errorP50, column.errorP99],
  rounds: 3,
});

export const jobs: readonly Job[] = [
  flatOut(
    "h1-full",
    "HTTP/1.1 keepalive",
    "64 connections on Envoy. CPU is user and system time of the whole process tree, divided by the requests Envoy counted.",
    {},
  ),
  {
    name: "h1-3000",
    title: "HTTP/1.1 keepalive, 3000 requests/s",
    method:
      "128 connections on Envoy. Fortio without -uniform, autocannon and h2load fire their connections together: one wake sends many requests, which is cheap, and is another load (see the arrivals).",
    work: { connections: 128, qps: 3000, seconds: 5, keepalive: true },
    server: "envoy",
    entrants: [...everybody, coarse, fortioUniform],
    baseline: { seconds: 1 },
    columns: [...cpuColumns, column.lagP50, column.lagP99],
    rounds: 3,
  },
  flatOut(
    "h1-short",
    "HTTP/1.1 short-lived connections",
    "64 at a time on Envoy, a connection for each request.",
    { keepalive: false },
  ),
  flatOut("h2-64x1", "HTTP/2 without TLS", "64 connections on Envoy, one request in flight on each.", {
    streams: 1,
  }),
  flatOut(
    "h2-8x16",
    "HTTP/2 without TLS, multiplexed",
    "8 connections on Envoy, 16 requests in flight on each.",
    {
      connections: 8,
      streams: 16,
    },
  ),
  {
    name: "h2-3000",
    title: "HTTP/2 without TLS, 3000 requests/s",
    method: "64 connections on Envoy, one request in flight on each.",
    work: { connections: 64, streams: 1, qps: 3000, seconds: 3, keepalive: true },
    server: "envoy",
    entrants: [...everybody, coarse, fortioUniform],
    baseline: { seconds: 1 },
    columns: [...cpuColumns, column.lagP50, column.lagP99],
    rounds: 3,
  },
  flatOut(
    "tls-full",
    "HTTP/1.1 keepalive over TLS",
    "64 connections of TLS 1.3 on Envoy, whose certificate (ECDSA P-256) is not verified.",
    { tls: true },
  ),
  flatOut("tls-h2", "HTTP/2 over TLS", "64 connections on the same Envoy, one request in flight on each.", {
    tls: true,
    streams: 1,
  }),
  flatOut(
    "tls-short",
    "HTTP/1.1 over TLS, short-lived connections",
    "64 at a time on the same Envoy: each request pays for TCP and a handshake.",
    { tls: true, keepalive: false },
  ),
  ...[20_000, 50_000].map(twoThreadsJob),
  {
    name: "arrivals",
    title: "Arrivals at 3000 requests/s",
    method:
      "128 connections to the recorder; the kernel stamps each arrival. The k-th arrival belongs to the k-th point of an even grid, whose spacing and place are those that fit this run best: a rate that is a little off shows as requests/s, not here. Half a second at both ends is left out.",
    work: { connections: 128, qps: 3000, seconds: 3, keepalive: true },
    server: answersAtOnce,
    entrants: [...everybody, coarse, fortioUniform],
    columns: [column.gridP50, column.gridP99, column.requestsPerSecond, column.lagP50, column.lagP99],
    rounds: 3,
  },
  ...[1, 5, 20].map(delayJob),
  {
    name: "stall",
    title: "A stall of one second",
    method:
      "200 requests/s over 4 connections to the recorder, which answers nothing from the third second to the fourth. By the schedule, p99 is 950 ms.",
    work: { connections: 4, qps: 200, seconds: 5, keepalive: true },
    server: { delayMs: 0, stall: { fromMs: 2000, forMs: 1000 } },
    entrants: [...everybody, fortioUniform],
    columns: [column.reportedP99, column.errorOfStall, column.requestsPerSecond],
    rounds: 1,
  },
  {
    name: "connections",
    title: "10 000 connections, 5000 requests/s",
    method:
      "Keepalive connections on Envoy. Memory is the process's peak; for each connection: that less the peak with 100 connections, divided by the 9900 more.",
    work: { connections: 10_000, qps: 5000, seconds: 6, keepalive: true },
    server: "envoy",
    entrants: everybody,
    baseline: { connections: 100, seconds: 2 },
    columns: [column.peakMemory, column.memoryPerConnection, column.requestsPerSecond, column.cpuPerRequest],
    rounds: 1,
  },
  recordingJob,
  startJob,
];

/** The jobs of these names, or of names that begin with one of them (`delay` is three); all where there is none. */
export function chooseJobs(names: readonly string[]): readonly Job[] {
  if (names.length === 0) return jobs;
  const unknown = names.find((name) => !jobs.some((job) => matches(job, name)));
  if (unknown !== undefined)
    throw new Error(`there is no job "${unknown}"; there are ${jobs.map(({ name }) => name).join(", ")}`);
  return jobs.filter((job) => names.some((name) => matches(job, name)));
}

function matches(job: Job, name: string): boolean {
  return job.name === name || job.name.startsWith(`${name}-`);
}
