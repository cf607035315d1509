/** What watching costs: the recording of samples, and the scraping of Envoy beside the load. */

import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { guardGroup } from "../../src/lab/exit-guard.ts";
import type { Lab } from "../../src/lab/lab.ts";
import { startLab } from "../../src/lab/lab.ts";
import { busyShare } from "./cpu-profile.ts";
import type { CpuProfile } from "./cpu-profile.ts";
import type { BenchContext, OwnJob } from "./job.ts";
import { meshLoad } from "./peers/mesh-load.ts";
import type { Work } from "./peers/peer.ts";
import type { Table } from "./table.ts";
import { readThreads } from "./threads.ts";

const loads: readonly { name: string; work: Omit<Work, "seconds"> }[] = [
  { name: "3000 requests/s, 128 connections", work: { connections: 128, qps: 3000, keepalive: true } },
  { name: "as fast as it goes, 64 connections", work: { connections: 64, qps: 0, keepalive: true } },
];

/** From the start of the process until its load surely runs, and from there to before its end. */
const settleS = 3;
const tailS = 1;

export const recordingJob: OwnJob = {
  name: "recording",
  title: "What recording and scraping cost",
  method:
    "Scraping: CPU time (`/proc/PID/task/*/schedstat`) that the main thread and the I/O pool take during the load, of all threads' time; the load itself runs in threads of its own. Recording: samples inside the recorder, of all busy samples of the driver thread, in a CPU profile of a run of its own.",
  measure,
};

async function measure(context: BenchContext): Promise<Table> {
  const program = context.programs.get(meshLoad.name);
  if (program === undefined || typeof program === "string") throw new Error("mesh-load is missing");
  await using lab = await startLab(
    { modes: ["exact_balance"], workers: 2, workUs: 0, envoy: null, upstream: null, tls: false },
    { qps: 0, places: context.places, onNote: context.note },
  );
  const rows: string[][] = [];
  for (const { name, work } of loads) {
    const argv = [
      ...program.argv,
      ...meshLoad.args({
        url: lab.targets[0]!.url,
        work: { ...work, seconds: Math.max(context.seconds ?? 9, settleS + tailS + 1) },
        extra: scrapingOf(lab),
      }),
    ];
    context.note(`  ${name}`);
    const scraping = await scrapingShare(argv);
    const recording = await recordingShare(argv);
    rows.push([
      name,
      ...[recording, scraping, recording + scraping].map((share) => (share * 100).toFixed(2)),
    ]);
  }
  return { headings: ["", "recording %", "scraping %", "both %"], rows, notes: [] };
}

function scrapingOf({ admin, pid, targets }: Lab): string[] {
  return ["-admin", admin, "-pid", String(pid), "-listener", targets[0]!.listener];
}

async function scrapingShare(argv: readonly string[]): Promise<number> {
  const { child, ended } = start(argv);
  using _guard = guardGroup(child);
  await sleep(settleS * 1e3);
  const before = await readThreads(child.pid!);
  const seconds = Number.parseFloat(argv[argv.indexOf("-t") + 1]!);
  await sleep((seconds - settleS - tailS) * 1e3);
  const after = await readThreads(child.pid!);
  await ended;
  let allNs = 0;
  let scrapingNs = 0;
  for (const [tid, { name, cpuNs }] of after) {
    const spentNs = cpuNs - (before.get(tid)?.cpuNs ?? 0);
    allNs += spentNs;
    if (tid === String(child.pid) || name === "libuv-worker") scrapingNs += spentNs;
  }
  return scrapingNs / allNs;
}

async function recordingShare([node, ...rest]: readonly string[]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "mesh-load-profile-"));
  try {
    const { child, ended } = start([node!, "--cpu-prof", `--cpu-prof-dir=${directory}`, ...rest]);
    using _guard = guardGroup(child);
    await ended;
    const shares = await Promise.all(
      (await readdir(directory)).map(async (name) => {
        const profile = JSON.parse(await readFile(join(directory, name), "utf8")) as CpuProfile;
        return busyShare(profile, (url) => /\/driver\/recorder\.[jt]s$/.test(url));
      }),
    );
    // The thread that records: with several, the one that does so most.
    return Math.max(...shares);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function start([program, ...args]: readonly string[]) {
  const child = spawn(program!, args, { stdio: ["ignore", "ignore", "inherit"], detached: true });
  const ended = new Promise((resolve, reject) => child.once("close", resolve).once("error", reject));
  return { child, ended };
}
