/** What the machine did meanwhile: steal time, CPU pressure (PSI), and the CPU that other programs used. */

import { createWarning } from "../result/warnings.ts";
import type { Warning } from "../result/warnings.ts";
import { read, readProcessCpuUs } from "./procfs.ts";

/** Totals since boot at one moment. */
export interface MachineReading {
  /** On the monotonic clock. */
  readonly atUs: number;
  /** CPU time of all cores in ticks: all of it, given to other machines, and used by programs of this one. */
  readonly ticks: { readonly all: number; readonly stolen: number; readonly used: number } | null;
  /** Microseconds in which some task waited for a CPU. */
  readonly waitedUs: number | null;
  /** CPU of the processes that belong to the measurement. */
  readonly ownUs: number;
}

/** What happened between two readings, as shares 0…1. */
export interface MachineShare {
  readonly steal: number | null;
  readonly cpuPressure: number | null;
  /** Of all cores: what programs used that are no part of the measurement. */
  readonly others: number | null;
}

/** The first line of `/proc/stat`, in ticks of all cores together. */
export function parseCpuTicks(text: string): MachineReading["ticks"] {
  const line = /^cpu +(.*)$/m.exec(text)?.[1];
  if (line === undefined) return null;
  // guest and guest_nice, which follow, are contained in user and nice.
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, stolen = 0] = line
    .split(" ")
    .map(Number);
  const used = user + nice + system + irq + softirq;
  return { all: used + idle + iowait + stolen, stolen, used };
}

/** `/proc/pressure/cpu`: the total of `some`, in microseconds. */
export function parsePressureUs(text: string): number | null {
  const total = /^some .*total=(\d+)$/m.exec(text)?.[1];
  return total === undefined ? null : Number(total);
}

/** Reads the machine; `own` are the processes that belong to the measurement, ours and Envoy's. */
export function readMachine(atUs: number, own: readonly number[] = []): MachineReading {
  return {
    atUs,
    ticks: parseCpuTicks(read("/proc/stat") ?? ""),
    waitedUs: parsePressureUs(read("/proc/pressure/cpu") ?? ""),
    ownUs: own.reduce((sum, pid) => sum + (readProcessCpuUs(pid) ?? 0), 0),
  };
}

/** The shares between two readings; `null` where the kernel does not tell. */
export function machineBetween(before: MachineReading, after: MachineReading): MachineShare {
  const wallUs = after.atUs - before.atUs;
  const waited =
    before.waitedUs === null || after.waitedUs === null ? null : after.waitedUs - before.waitedUs;
  const cpuPressure = waited === null || wallUs <= 0 ? null : Math.min(1, waited / wallUs);
  if (before.ticks === null || after.ticks === null) return { steal: null, cpuPressure, others: null };
  const all = after.ticks.all - before.ticks.all;
  if (all <= 0) return { steal: null, cpuPressure, others: null };
  const ownTicks = (after.ownUs - before.ownUs) / 1e4;
  return {
    steal: (after.ticks.stolen - before.ticks.stolen) / all,
    cpuPressure,
    others: Math.max(0, (after.ticks.used - before.ticks.used - ownTicks) / all),
  };
}

const stealMean = 0.02;
const stealSecond = 0.1;

// Pressure alone does not accuse anybody: on two cores the driver and Envoy make each other wait, and a load that
// disturbs itself is what is being measured. It takes both: tasks had to wait, and other programs took the CPU.
const pressureMean = 0.1;
const othersMean = 0.1;

/** The `noisy-machine` doubt, or `null`: `whole` is the load, `seconds` its parts. */
export function noiseWarning(whole: MachineShare, seconds: readonly MachineShare[]): Warning | null {
  const steal = whole.steal ?? 0;
  const worst = Math.max(0, ...seconds.map((second) => second.steal ?? 0));
  if (steal > stealMean || worst > stealSecond)
    return createWarning(
      "noisy-machine",
      `The hypervisor took ${percent(steal)} of the CPU time, ${percent(Math.max(worst, steal))} in the worst second`,
    );
  const pressure = whole.cpuPressure ?? 0;
  const others = whole.others ?? 0;
  if (pressure > pressureMean && others > othersMean)
    return createWarning(
      "noisy-machine",
      `Other programs used ${percent(others)} of the CPU, and tasks waited for one in ${percent(pressure)} of the time`,
    );
  return null;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
