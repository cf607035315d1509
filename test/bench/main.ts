/** `npm run bench [-- job … -rounds N -seconds N -no-install -write]`: mesh-load beside its peers, as Markdown. */

import { join } from "node:path";
import { wallClock } from "../../src/clock.ts";
import { labPlaces } from "../../src/cli/places.ts";
import { messageOf } from "../../src/errors.ts";
import { figuresTable } from "./figures.ts";
import { findPeer } from "./install.ts";
import type { BenchContext, Job } from "./job.ts";
import { chooseJobs } from "./jobs.ts";
import { runLoadJob } from "./load-job.ts";
import { describeMachine } from "./machine.ts";
import { readOptions } from "./options.ts";
import { peers } from "./peers/peers.ts";
import { buildRecorder } from "./recorder.ts";
import type { Series } from "./series.ts";
import { renderTable } from "./table.ts";
import type { Table } from "./table.ts";
import { writeResults } from "./write-results.ts";

const note = (line: string): void => console.error(line);

const { names, rounds, seconds, install, write } = readOptions(process.argv.slice(2));
const chosen = chooseJobs(names);
const context: BenchContext = { ...(await prepare()), rounds, seconds, note };
const sections: string[] = [heading(context)];
console.log(`${sections[0]}\n`);
const outcomes = new Map<string, readonly Series[] | Table>();
const beganMs = wallClock().getTime();
for (const [index, job] of chosen.entries()) {
  const minutes = (wallClock().getTime() - beganMs) / 60e3;
  note(`${job.name} (${index + 1} of ${chosen.length}, after ${minutes.toFixed(1)} min)`);
  const section = await describe(job);
  console.log(`${section}\n`);
  sections.push(section);
}
const figures = figuresTable(outcomes);
if (figures !== null) {
  const section = `### Figures\n\n${renderTable(figures)}`;
  console.log(`${section}\n`);
  sections.splice(1, 0, section);
}
if (write) note(`Written into ${await writeResults(sections.join("\n\n"))}`);

async function prepare(): Promise<Pick<BenchContext, "places" | "programs" | "recorder">> {
  const places = labPlaces();
  const cacheDir = join(places.cacheDir, "peers");
  const programs = new Map<string, Awaited<ReturnType<typeof findPeer>>>();
  const options = { cacheDir, path: places.path, allowed: install, note };
  for (const peer of peers) programs.set(peer.name, await findPeer(peer, options));
  const recorder = await buildRecorder(cacheDir).then(
    (binary) => ({ binary }),
    (error: unknown) => `it needs Go: ${messageOf(error)}`,
  );
  return { places, programs, recorder };
}

function heading({ programs }: BenchContext): string {
  const versions = [...programs].map(([name, program]) =>
    typeof program === "string" ? `${name} (missing: ${program})` : `${name} ${program.version}`,
  );
  return [
    `- Date: ${wallClock().toISOString().slice(0, 16).replace("T", " ")} UTC`,
    `- Command: \`${["npm run bench --", ...process.argv.slice(2)].join(" ")}\``,
    `- Machine: ${describeMachine()}`,
    `- Node ${process.version}; ${versions.join(", ")}`,
  ].join("\n");
}

async function carryOut(job: Job): Promise<{ table: Table; outcome: readonly Series[] | Table }> {
  if ("measure" in job) {
    const table = await job.measure(context);
    return { table, outcome: table };
  }
  const { table, series } = await runLoadJob(job, context);
  return { table, outcome: series };
}

async function describe(job: Job): Promise<string> {
  const head = `### ${job.title} (\`${job.name}\`)\n\n${job.method}\n`;
  try {
    const { table, outcome } = await carryOut(job);
    outcomes.set(job.name, outcome);
    return `${head}\n${renderTable(table)}`;
  } catch (error) {
    process.exitCode = 1;
    return `${head}\nNot measured: ${messageOf(error)}`;
  }
}
