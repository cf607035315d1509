/** A line for each request of a run, as Fortio's `-access-log-file` has one for each call: for tools that read those. */

import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { failureReasonOf } from "./load.ts";
import type { Load } from "./load.ts";
import type { Mapping } from "./mapping.ts";
import { makeDirectory, unwritable } from "./whole-output.ts";

export interface AccessLog {
  readonly path: string;
  readonly format: "json" | "influx";
}

/** The requests of a run, with all that a line tells of them. Their samples must have `startUs`. */
export interface LoggedRun {
  /** Position in the experiment, from 0. */
  readonly order: number;
  /** Wall clock at the start of the load, in microseconds since 1970. */
  readonly epochUs: number;
  readonly load: Pick<Load, "samples" | "connections">;
  readonly workerOf: Mapping["workerOf"];
}

const linesAChunk = 1000;

/**
 * Finds out before a load whether lines can be appended; makes the file and its directory.
 *
 * @throws MeshLoadError OUTPUT_UNWRITABLE
 */
export async function openAccessLog({ path }: AccessLog): Promise<void> {
  await appendAll(path, []);
}

/**
 * Appends a line for each request, in the order of their intended starts. Those above the cap of kept samples have none.
 *
 * @throws MeshLoadError OUTPUT_UNWRITABLE
 */
export async function appendAccessLog({ path, format }: AccessLog, run: LoggedRun): Promise<void> {
  await appendAll(path, chunksOf(run, format));
}

async function appendAll(path: string, chunks: Iterable<string>): Promise<void> {
  try {
    await makeDirectory(dirname(path));
    await using file = await open(path, "a");
    for (const chunk of chunks) await file.appendFile(chunk);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function* chunksOf(run: LoggedRun, format: AccessLog["format"]): Generator<string> {
  const line = format === "json" ? jsonLine : influxLine;
  let chunk: string[] = [];
  for (const request of requestsOf(run)) {
    chunk.push(line(request));
    if (chunk.length < linesAChunk) continue;
    yield chunk.join("");
    chunk = [];
  }
  yield chunk.join("");
}

interface Request {
  readonly run: number;
  /** Its intended start. */
  readonly timestampNs: string;
  readonly latencyS: number;
  readonly blockedS: number;
  readonly lagS: number;
  /** `null` where it never had a connection, which then has no thread and no worker either. */
  readonly thread: number | null;
  readonly connection: number | null;
  readonly worker: number | null;
  /** How many requests its connection had before it. */
  readonly iter: number;
  readonly ok: boolean;
  /** Status, or reason of a failure. */
  readonly details: string;
}

function* requestsOf({ order, epochUs, load, workerOf }: LoggedRun): Generator<Request> {
  const { samples, connections } = load;
  const startUs = samples.startUs ?? new Float64Array(samples.count);
  const rows = Uint32Array.from({ length: samples.count }, (_, row) => row);
  rows.sort((a, b) => startUs[a]! - startUs[b]!);
  const before = new Uint32Array(connections.length);
  for (const row of rows) {
    const at = samples.connection[row]!;
    const connection = connections[at];
    const outcome = samples.outcome[row]!;
    yield {
      run: order,
      // A double holds today's microseconds exactly, and not its nanoseconds.
      timestampNs: `${Math.round(epochUs + startUs[row]!)}000`,
      latencyS: seconds(samples.latencyUs[row]!),
      blockedS: seconds(samples.blockedUs[row]!),
      lagS: seconds(samples.lagUs[row]!),
      thread: connection?.thread ?? null,
      connection: connection?.id ?? null,
      worker: connection === undefined ? null : (workerOf.get(connection.id) ?? null),
      iter: connection === undefined ? 0 : before[at]!++,
      ok: outcome < 400,
      details: failureReasonOf(outcome) ?? String(outcome),
    };
  }
}

/** To the nanosecond. */
function seconds(us: number): number {
  return Number((Math.max(0, us) / 1e6).toFixed(9));
}

// Fortio's fields in its order, then ours. The timestamp has more digits than a number of JavaScript.
function jsonLine(request: Request): string {
  const { latencyS, timestampNs, thread, iter, ok, details, run, connection, worker, blockedS, lagS } =
    request;
  const ours = { run, connection, worker, blocked: blockedS, lag: lagS };
  return `{"latency":${latencyS},"timestamp":${timestampNs},"thread":${thread},"iter":${iter},"ok":${ok},"details":"${details}",${JSON.stringify(ours).slice(1)}\n`;
}

function influxLine(request: Request): string {
  const { latencyS, timestampNs, thread, ok, details, run, connection, worker, blockedS, lagS } = request;
  const tags = Object.entries({ thread, ok, run, connection, worker })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${value}`);
  return `latency,${tags.join(",")} value=${latencyS},details="${details}",blocked=${blockedS},lag=${lagS} ${timestampNs}\n`;
}
