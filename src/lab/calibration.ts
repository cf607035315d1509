/** What a request costs the lab's workers, measured on one of them. */

import { setImmediate as yieldToEvents } from "node:timers/promises";
import { monotonicUs } from "../clock.ts";
import { median } from "../order-statistics.ts";
import { connectForCalibration } from "./calibration-connection.ts";
import type { CalibrationConnection, ListenerAddress } from "./calibration-connection.ts";
import { workerCpu } from "./worker-cpu.ts";

/** On one worker, so that its load is what the asked rate makes of a worker that holds everything. */
const connectionsPerWorker = 8;
const rounds = 8;
const requestsPerRound = 12;
/** About 200 µs: well above what a request's own cost varies by. */
const trialTurns = 50_000;
const pacedUs = 120e3;
const pacedAtLeast = 40;

export interface WorkerProbe extends Disposable {
  /** CPU microseconds of one turn of the loop. */
  readonly turnUs: number;
  /** CPU microseconds of a request without turns, one after the other. */
  readonly sequentialBaseUs: number;
  /** CPU microseconds of a request with so many turns, at so many requests a second. */
  pacedCostUs(turns: number, qps: number): Promise<number>;
}

/**
 * Measures the loop on the worker that most of a few connections to `listener` fell on.
 *
 * @returns `null` where this machine keeps no account of a thread's CPU, or Envoy's threads cannot be seen
 */
export async function probeWorker(
  pid: number,
  { listener, workers }: { listener: ListenerAddress; workers: number },
): Promise<WorkerProbe | null> {
  const all = await Promise.all(
    Array.from({ length: connectionsPerWorker * workers }, () => connectForCalibration(listener)),
  );
  const close = (): void => {
    for (const connection of all) connection.close();
  };
  const byWorker = Map.groupBy(all, ({ worker }) => worker);
  const [worker, connections] = [...byWorker].toSorted((a, b) => b[1].length - a[1].length)[0]!;
  const readCpuUs = await workerCpu(pid, worker);
  if (readCpuUs === null) {
    close();
    return null;
  }
  const burnedBy = async (load: () => Promise<number>): Promise<number> => {
    const beforeUs = await readCpuUs();
    const requests = await load();
    return ((await readCpuUs()) - beforeUs) / requests;
  };
  return {
    ...(await measureTurns((turns) => burnedBy(() => sendInTurn(connections, turns)))),
    pacedCostUs: (turns, qps) => burnedBy(() => sendPaced(connections, { turns, qps })),
    [Symbol.dispose]: close,
  };
}

async function measureTurns(
  burnedUs: (turns: number) => Promise<number>,
): Promise<{ turnUs: number; sequentialBaseUs: number }> {
  // Not counted: Lua compiles the loop, caches fill.
  await burnedUs(trialTurns);
  const basesUs: number[] = [];
  const turnsUs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const baseUs = await burnedUs(0);
    basesUs.push(baseUs);
    turnsUs.push(((await burnedUs(trialTurns)) - baseUs) / trialTurns);
  }
  return { turnUs: median(turnsUs), sequentialBaseUs: median(basesUs) };
}

async function sendInTurn(connections: readonly CalibrationConnection[], turns: number): Promise<number> {
  for (let sent = 0; sent < requestsPerRound; sent++)
    await connections[sent % connections.length]!.exchange(turns);
  return requestsPerRound;
}

/** Spins between the requests: at thousands a second, timers would send them in clumps, and clumps are cheaper. */
async function sendPaced(
  connections: readonly CalibrationConnection[],
  { turns, qps }: { turns: number; qps: number },
): Promise<number> {
  const gapUs = 1e6 / qps;
  const requests = Math.max(pacedAtLeast, Math.round(pacedUs / gapUs));
  const lastOf = connections.map(() => Promise.resolve());
  const startUs = monotonicUs();
  for (let sent = 0; sent < requests; sent++) {
    while (monotonicUs() < startUs + sent * gapUs) await yieldToEvents();
    const index = sent % connections.length;
    const exchanged = lastOf[index]!.then(() => connections[index]!.exchange(turns));
    // Judged at the end, all together: a rejection meanwhile must not count as unhandled.
    exchanged.catch(() => {});
    lastOf[index] = exchanged;
  }
  await Promise.all(lastOf);
  return requests;
}
