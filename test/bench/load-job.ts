/** Carries out a load job: rounds, in each of them every entrant once, in rotated order. */

import type { BenchContext, LoadJob, LoadOutcome } from "./job.ts";
import { loadTable } from "./load-table.ts";
import { readTicks, shares, waitUntilQuiet } from "./machine.ts";
import { measure } from "./measure.ts";
import type { Measurement } from "./measurement.ts";
import type { Work } from "./peers/peer.ts";
import type { Entrant } from "./peers/peers.ts";
import { envoyServer, recorderServer } from "./servers.ts";
import type { Server } from "./servers.ts";
import type { RoundState, Series } from "./series.ts";
import { rotate } from "./statistics.ts";
import { messageOf } from "../../src/errors.ts";

/** Beyond its duration a tester may take this long to start, to wait for stragglers and to report. */
const graceS = 20;

export async function runLoadJob(job: LoadJob, context: BenchContext): Promise<LoadOutcome> {
  const work = { ...job.work, seconds: context.seconds ?? job.work.seconds };
  const all = job.entrants.map((entrant) => enlist(entrant, work, context));
  const present = all.filter(({ remarks }) => remarks.size === 0);
  await using server = await startServer(job, context);
  const once = (series: Series, work: Work): Promise<Measurement | null> =>
    measureOnce({ series, work, server, context });
  const states: RoundState[] = [];
  const rounds = context.rounds ?? job.rounds;
  for (let round = 0; round < rounds; round++) {
    context.note(` round ${round + 1} of ${rounds}`);
    const quiet = await waitUntilQuiet();
    const before = await readTicks();
    for (const series of rotate(present, round)) {
      const baseline = job.baseline === undefined ? null : await once(series, { ...work, ...job.baseline });
      const run = await once(series, work);
      series.rounds.push(run === null ? null : { run, baseline });
    }
    states.push({ ...quiet, steal: shares(before, await readTicks()).steal });
  }
  return { table: loadTable(job, all, states), series: all };
}

function enlist(entrant: Entrant, work: Work, { programs }: BenchContext): Series {
  const program = programs.get(entrant.peer.name) ?? "unknown";
  const reason = typeof program === "string" ? program : entrant.peer.cannot(work);
  return { entrant, rounds: [], remarks: new Set(reason === null ? [] : [reason]) };
}

async function startServer({ server, work }: LoadJob, context: BenchContext): Promise<Server> {
  const { recorder } = context;
  if (server === "envoy") return envoyServer(context, { tls: work.tls ?? false });
  if (typeof recorder === "string") throw new Error(`no arrival recorder: ${recorder}`);
  return recorderServer(recorder.binary, server);
}

interface OneRun {
  readonly series: Series;
  readonly work: Work;
  readonly server: Server;
  readonly context: BenchContext;
}

async function measureOnce({ series, work, server, context }: OneRun): Promise<Measurement | null> {
  const { entrant, remarks } = series;
  const program = context.programs.get(entrant.peer.name);
  if (program === undefined || typeof program === "string") return null;
  context.note(`  ${entrant.name}, ${work.connections} connections, ${work.seconds} s`);
  try {
    const [run, { doubts, ...seen }] = await server.witness(work, (url) =>
      measure(
        [...program.argv, ...entrant.peer.args({ url, work, extra: entrant.extra })],
        work.seconds + graceS,
      ),
    );
    if (run.exitCode !== 0) remarks.add(`ended with exit code ${run.exitCode}: ${lastLine(run.stderr)}`);
    for (const doubt of doubts) remarks.add(doubt);
    if (seen.requests === 0) throw new Error(`the server saw no request: ${lastLine(run.stderr)}`);
    return { ...run, ...seen, work, reported: entrant.peer.parse(run.stdout) };
  } catch (error) {
    remarks.add(messageOf(error));
    return null;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
