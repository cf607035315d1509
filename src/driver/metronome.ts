/**
 * Sub-millisecond wakes. libuv's timers count whole milliseconds; a second thread that sleeps in `Atomics.wait` until a
 * request is due and then posts a message wakes the driver thread to within some 0.1 ms, at the cost of the wakes alone.
 */

import { extname } from "node:path";
import { MessageChannel, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { ScheduleSpec } from "../plan/schedule.ts";

/** What the metronome's thread is started with. It walks the same schedule as the pacer. */
export interface MetronomePlan {
  readonly schedule: ScheduleSpec;
  readonly startAtUs: number;
  readonly port: MessagePort;
  /** How many requests the pacer has passed. */
  readonly passed: Int32Array<SharedArrayBuffer>;
  /** [0] 1 while a wake is under way; [1] 1 = end. */
  readonly signals: Int32Array<SharedArrayBuffer>;
}

export interface MetronomeOptions {
  readonly schedule: ScheduleSpec;
  readonly startAtUs: number;
  readonly passed: Int32Array<SharedArrayBuffer>;
  readonly onTick: () => void;
}

/** Wakes `onTick` at each intended start that the pacer has not passed by itself, until disposed. */
export function startMetronome({ schedule, startAtUs, passed, onTick }: MetronomeOptions): Disposable {
  const { port1, port2 } = new MessageChannel();
  const signals = new Int32Array(new SharedArrayBuffer(8));
  const plan: MetronomePlan = { schedule, startAtUs, port: port2, passed, signals };
  const thread = new Worker(new URL(`./metronome-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: plan,
    transferList: [port2],
  });
  thread.unref();
  port1.on("message", () => {
    Atomics.store(signals, 0, 0);
    onTick();
  });
  return {
    [Symbol.dispose]() {
      Atomics.store(signals, 1, 1);
      Atomics.notify(signals, 1);
      port1.close();
    },
  };
}
