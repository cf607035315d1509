/** The machine the figures come from, and whether it was quiet. */

import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** CPU time since boot in ticks, from /proc/stat. */
export interface Ticks {
  readonly total: number;
  readonly idle: number;
  readonly steal: number;
}

export interface Quiet {
  /** Share of all CPUs in use over the last second before the round, 0…1. */
  readonly busy: number;
  readonly loadAverage: number;
  readonly waitedS: number;
}

/** Of one core of two: somebody else's work this small moves no median. */
const quietShare = 0.05;
const longestWaitS = 10;

export function describeMachine(): string {
  const model = cpus()[0]?.model ?? "unknown CPU";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} × ${model}, ${memory} GB, ${type()} ${release()}`;
}

export async function readTicks(): Promise<Ticks> {
  const [user, nice, system, idle, iowait, irq, softirq, steal] = (await readFile("/proc/stat", "utf8"))
    .split("\n")[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number) as [number, number, number, number, number, number, number, number];
  return {
    total: user + nice + system + idle + iowait + irq + softirq + steal,
    idle: idle + iowait,
    steal,
  };
}

/** Share of all CPUs in use, and taken away by the hypervisor, between two readings. */
export function shares(before: Ticks, after: Ticks): { busy: number; steal: number } {
  const total = Math.max(1, after.total - before.total);
  return {
    busy: 1 - (after.idle - before.idle) / total,
    steal: (after.steal - before.steal) / total,
  };
}

/** Waits until the machine was quiet for a second, at most 10 s. The load average alone remembers our last round. */
export async function waitUntilQuiet(): Promise<Quiet> {
  for (let waitedS = 1; ; waitedS++) {
    const before = await readTicks();
    await sleep(1000);
    const { busy } = shares(before, await readTicks());
    if (busy <= quietShare || waitedS >= longestWaitS) return { busy, loadAverage: loadavg()[0]!, waitedS };
  }
}
