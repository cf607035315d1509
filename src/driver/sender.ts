/**
 * The source of a paced load whose requests a second thread writes: one wake a request less than by the metronome, which
 * would have to wake the driver thread to write. The driver thread only reads responses, and writes what the sender
 * cannot: a request whose connection is busy when it is due, or lost, or takes no more octets.
 */

import { extname } from "node:path";
import { MessageChannel, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { LoadPlan } from "../plan/plan.ts";
import type { ScheduleSpec } from "../plan/schedule.ts";
import type { Connections } from "./connections.ts";
import { createHandOver, takeAll } from "./hand-over.ts";
import type { HandOver } from "./hand-over.ts";
import { sentSlots } from "./lent-slots.ts";
import type { LentSlots } from "./lent-slots.ts";
import type { ThreadPlan } from "./messages.ts";
import type { Source } from "./source.ts";

/** A larger request may not fit into a socket's buffer at once, and copying it would keep the sender from the next. */
const longestRequest = 1 << 14;

/**
 * Above this rate a thread is awake most of the time: it fires what is due whenever it has read, and no wake is to be
 * saved. On a busy machine a sender would only take turns with it.
 */
const highestQps = 6000;

/** Whether a load's requests can be written by a sender: the same few octets each, on connections that stay, in the clear. */
export function senderSends(
  { client, qps, threads, pacing, keepalive, protocol, connectionReuse }: LoadPlan,
  { requests, tls }: Pick<ThreadPlan, "requests" | "tls">,
): boolean {
  const [request] = requests;
  return (
    requests.length === 1 &&
    request!.uuidAt.length === 0 &&
    client === "fast" &&
    qps > 0 &&
    qps / threads <= highestQps &&
    pacing === "precise" &&
    keepalive &&
    connectionReuse === null &&
    protocol === "http/1.1" &&
    tls === null &&
    request!.bytes.length <= longestRequest
  );
}

/** What the sender's thread is started with. */
export interface SenderPlan {
  readonly schedule: ScheduleSpec;
  readonly startAtUs: number;
  readonly request: Uint8Array;
  readonly nocatchup: boolean;
  readonly slots: LentSlots;
  readonly handOver: HandOver;
  readonly port: MessagePort;
  readonly signals: Int32Array<SharedArrayBuffer>;
}

/** Places in `signals`. */
export const signal = {
  /** 1 = end. */
  stop: 0,
  /** 1 while a wake of the driver thread is under way. */
  wake: 1,
  /** 1 = the sender will send no more. */
  ended: 2,
  /** Requests given up under `nocatchup`, once it has ended. */
  skipped: 3,
} as const;

export interface SenderOptions {
  readonly load: LoadPlan;
  readonly schedule: ScheduleSpec;
  readonly startAtUs: number;
  readonly request: Uint8Array;
  readonly slots: LentSlots;
  readonly connections: Connections;
  /** The sender has handed something over. That it has ended is seen at the next turn. */
  readonly onWake: () => void;
}

export class Sender implements Source, Disposable {
  over = false;
  #stopped = false;
  readonly #slots: LentSlots;
  readonly #connections: Connections;
  readonly #handOver = createHandOver();
  readonly #signals = new Int32Array(new SharedArrayBuffer(16));
  readonly #port: MessagePort;
  readonly #sweeps: NodeJS.Timeout;
  readonly #take: (slot: number, dueUs: number) => void;

  constructor({ load, schedule, startAtUs, request, slots, connections, onWake }: SenderOptions) {
    this.#slots = slots;
    this.#connections = connections;
    this.#take = (slot, dueUs) => {
      connections.recall(slot);
      if (Number.isNaN(dueUs)) return;
      if (this.#stopped) connections.giveUpDue(dueUs);
      else connections.fire(slot, dueUs);
    };
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on("message", () => {
      Atomics.store(this.#signals, signal.wake, 0);
      onWake();
    });
    const plan: SenderPlan = {
      schedule,
      startAtUs,
      request,
      nocatchup: load.nocatchup,
      slots,
      handOver: this.#handOver,
      port: port2,
      signals: this.#signals,
    };
    const thread = new Worker(new URL(`./sender-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: plan,
      transferList: [port2],
    });
    thread.unref();
    // The timeout of a request begins to be watched when it is in the driver's books: long before it can expire.
    this.#sweeps = setInterval(() => this.#recallSent(), Math.max(1, load.timeoutUs / 4e3));
  }

  tick(): void {
    const ended = !this.over && Atomics.load(this.#signals, signal.ended) === 1;
    takeAll(this.#handOver, this.#take);
    if (!ended) return;
    this.#recallSent();
    this.#connections.skipped += this.#signals[signal.skipped]!;
    this.over = true;
  }

  freed(): void {
    takeAll(this.#handOver, this.#take);
  }

  /** The sender ends within the request that it is writing; only then is this source over. */
  stop(): void {
    this.#stopped = true;
    Atomics.store(this.#signals, signal.stop, 1);
    Atomics.notify(this.#signals, signal.stop);
  }

  [Symbol.dispose](): void {
    this.stop();
    clearInterval(this.#sweeps);
    this.#port.close();
  }

  #recallSent(): void {
    for (const slot of sentSlots(this.#slots)) this.#connections.recall(slot);
  }
}
