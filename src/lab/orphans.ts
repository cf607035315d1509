/** What a SIGKILL of ours leaves behind: each lab writes down who it is, and the next start looks. */

import { readFile, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "./whole-file.ts";

/** A process, told from a later one with the same PID by its start, in clock ticks since boot. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number;
}

/** The state file of a lab that is up. */
interface LabState {
  readonly owner: ProcessIdentity;
  readonly envoy: ProcessIdentity;
}

const stateFile = "state.json";
/** Directories of labs that have ended, kept for their logs. */
const keptLabs = 10;

/** Writes down which Envoy runs for which mesh-load; does nothing where there is no procfs to tell. */
export async function recordLab(
  directory: string,
  { ownerPid, envoyPid }: { ownerPid: number; envoyPid: number },
): Promise<void> {
  const owner = await identify(ownerPid);
  const envoy = await identify(envoyPid);
  if (owner === null || envoy === null) return;
  const state: LabState = { owner, envoy };
  await writeWhole(join(directory, stateFile), `${JSON.stringify(state)}\n`);
}

/** Strikes the lab out again; its log stays. */
export async function forgetLab(directory: string): Promise<void> {
  await rm(join(directory, stateFile), { force: true });
}

/**
 * The Envoys below `labsDirectory` whose owner is gone: ours to name, not to kill. State files of Envoys that are
 * gone too are removed, and so are all but the newest directories of ended labs.
 */
export async function findOrphans(labsDirectory: string, procRoot = "/proc"): Promise<LabState[]> {
  const orphans: LabState[] = [];
  const ended: { directory: string; changedMs: number }[] = [];
  for (const name of await readdir(labsDirectory).catch(() => [])) {
    const directory = join(labsDirectory, name);
    const state = await readState(directory);
    if (state !== null && (await lives(state.owner, procRoot))) continue;
    if (state !== null && (await lives(state.envoy, procRoot))) {
      orphans.push(state);
      continue;
    }
    await forgetLab(directory);
    ended.push({ directory, changedMs: await changedMs(directory) });
  }
  ended.sort((a, b) => b.changedMs - a.changedMs);
  for (const { directory } of ended.slice(keptLabs)) await rm(directory, { recursive: true, force: true });
  return orphans;
}

async function readState(directory: string): Promise<LabState | null> {
  try {
    return JSON.parse(await readFile(join(directory, stateFile), "utf8")) as LabState;
  } catch {
    return null;
  }
}

async function changedMs(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function lives({ pid, startTicks }: ProcessIdentity, procRoot: string): Promise<boolean> {
  return (await identify(pid, procRoot))?.startTicks === startTicks;
}

/** `null` for a process that is gone, or a zombie. Fields of /proc/PID/stat: proc_pid_stat(5). */
async function identify(pid: number, procRoot = "/proc"): Promise<ProcessIdentity | null> {
  const text = await readFile(join(procRoot, String(pid), "stat"), "utf8").catch(() => null);
  if (text === null) return null;
  // The second field is the name in parentheses, and may itself hold blanks and parentheses.
  const [state, ...rest] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const startTicks = Number(rest[18]);
  return state === "Z" ? null : { pid, startTicks };
}
