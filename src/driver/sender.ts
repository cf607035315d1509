/**
 * The source of a paced load whose requests a second thread writes: one wake a request less than by the metronome, which
 * would have to wake the driver thread to write. And one less again where that thread also reads what has come since, at
 * times that the kernel tells. The driver thread makes sense of the responses, and writes what the sender cannot: a
 * request whose connection is busy when it is due, or lost, or takes no more octets.
 */

import { extname } from "node:path";
import { MessageChannel, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { LoadPlan } from "../plan/plan.ts";
import type { ScheduleSpec } from "../plan/schedule.ts";
import type { Collecting, Collector } from "./collector.ts";
import type { Connections } from "./connections.ts";
import { takeDeliveries } from "./deliveries.ts";
import type { TakeDelivery } from "./deliveries.ts";
import { createHandOver, takeAll } from "./hand-over.ts";
import type { HandOver } from "./hand-over.ts";
import { sentSlots } from "./lent-slots.ts";
import type { LentSlots } from "./lent-slots.ts";
import type { ThreadPlan } from "./messages.ts";
import type { Readings } from "./readings.ts";
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

/** Many responses at once are cheaper to read and to make sense of; so many that it is worth while, none for too long. */
const lyingUs = { least: 2000, most: 10_000 };

/**
 * How long the sender leaves responses lying before it reads them, in microseconds; `null` where it does not read. Its
 * connection must be free again long before it is due, and its end known long before it would have timed out.
 */
export function collectEveryUs(
  load: LoadPlan,
  { requests, tls, addresses, schedule }: Pick<ThreadPlan, "requests" | "tls" | "addresses" | "schedule">,
): number | null {
  const { qps, threads, stages, timeoutUs } = load;
  const fewest = Math.min(
    schedule.cycle,
    ...stages.flatMap(({ fromConnections, toConnections }) => [fromConnections, toConnections]),
  );
  const most = Math.max(...schedule.positions.map(({ length }) => length));
  const reuseUs = (fewest / most / qps) * 1e6;
  const everyUs = Math.min(lyingUs.most, reuseUs / 4, timeoutUs / 100);
  // A random connection may be due again at once; under nocatchup the sender has to know whether one is free; and Unix
  // domain sockets have no stamps.
  const collects =
    senderSends(load, { requests, tls }) &&
    schedule.arrivals === "fixed" &&
    !load.nocatchup &&
    addresses.port !== 0 &&
    everyUs >= lyingUs.least &&
    // The wake of a request serves for it, too.
    everyUs >= (1e6 * threads) / qps;
  return collects ? everyUs : null;
}

/** What the sender's thread is started with. */
export interface SenderPlan {
  readonly schedule: ScheduleSpec;
  readonly startAtUs: number;
  readonly request: Uint8Array;
  readonly nocatchup: boolean;
  readonly slots: LentSlots;
  readonly handOver: HandOver;
  /** `null` where it does not read. */
  readonly collecting: Collecting | null;
  readonly port: MessagePort;
  readonly signals: Int32Array<SharedArrayBuffer>;
}

/** What it makes of that. */
export interface Sending extends Omit<SenderPlan, "collecting"> {
  readonly collector: Collector | null;
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
  /** `null` where the sender does not read. */
  readonly readings: Readings | null;
  readonly connections: Connections;
  /** The sender has handed something over. That it has ended is seen at the next turn. */
  readonly onWake: () => void;
}

export class Sender implements Source, Disposable {
  over = false;
  /** Its thread has ended, once it is disposed of, and uses nothing any more. */
  readonly exited: Promise<void>;
  #stopped = false;
  #taking = false;
  /** Something may have been handed over while it was taken. */
  #again = false;
  #tookBack = false;
  readonly #slots: LentSlots;
  readonly #readings: Readings | null;
  readonly #connections: Connections;
  readonly #handOver = createHandOver();
  readonly #signals = new Int32Array(new SharedArrayBuffer(16));
  readonly #port: MessagePort;
  readonly #sweeps: NodeJS.Timeout;
  readonly #take: (slot: number, dueUs: number) => void;
  readonly #takeDelivery: TakeDelivery;

  constructor({ load, schedule, startAtUs, request, slots, readings, connections, onWake }: SenderOptions) {
    this.#slots = slots;
    this.#readings = readings;
    this.#connections = connections;
    this.#take = (slot, dueUs) => {
      connections.recall(slot);
      if (Number.isNaN(dueUs)) return;
      if (this.#stopped) connections.giveUpDue(dueUs);
      else {
        // What the driver sends, or is to send next, it waits for itself.
        connections.takeBackReading(slot);
        connections.fire(slot, dueUs);
      }
    };
    const octets = Buffer.from(readings?.collecting.deliveries.octets.buffer ?? new ArrayBuffer(0));
    this.#takeDelivery = (slot, lending, start, count, receivedUs) => {
      if (!readings!.isOf(slot, lending)) return;
      // Without the kernel's time a response would have ended when it was read, however long it had been lying.
      if (count > 0 && Number.isNaN(receivedUs)) readings!.over = true;
      connections.deliver(slot, octets, start, count, receivedUs);
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
      collecting: readings?.collecting ?? null,
      port: port2,
      signals: this.#signals,
    };
    const thread = new Worker(new URL(`./sender-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: plan,
      transferList: [port2],
    });
    thread.unref();
    this.exited = new Promise((resolve) => thread.once("exit", () => resolve()));
    // The timeout of a request begins to be watched when it is in the driver's books: long before it can expire.
    this.#sweeps = setInterval(() => this.#recallSent(), Math.max(1, load.timeoutUs / 4e3));
  }

  tick(): void {
    const ended = Atomics.load(this.#signals, signal.ended) === 1;
    this.freed();
    // Before it ends the sender reads what is there; what comes later we read.
    if (this.#readings?.over && (ended || !this.#stopped)) this.#takeBackReadings();
    if (!ended || this.over) return;
    this.#recallSent();
    this.#connections.skipped += this.#signals[signal.skipped]!;
    this.over = true;
  }

  /** Takes all that the sender has read or handed over. */
  freed(): void {
    this.#again = true;
    // What is taken may free a place, and bring us here again.
    if (this.#taking) return;
    this.#taking = true;
    while (this.#again) {
      this.#again = false;
      this.#takeDeliveries();
      takeAll(this.#handOver, this.#take);
      // A reading may have been taken back: what the sender read before comes before what we read.
      this.#takeDeliveries();
    }
    this.#taking = false;
  }

  /** The sender ends within the request that it is writing; only then is this source over. */
  stop(): void {
    this.#stopped = true;
    if (this.#readings !== null) this.#readings.over = true;
    Atomics.store(this.#signals, signal.stop, 1);
    Atomics.notify(this.#signals, signal.stop);
  }

  [Symbol.dispose](): void {
    this.stop();
    this.#takeBackReadings();
    clearInterval(this.#sweeps);
    this.#port.close();
  }

  #takeDeliveries(): void {
    if (this.#readings !== null) takeDeliveries(this.#readings.collecting.deliveries, this.#takeDelivery);
  }

  #takeBackReadings(): void {
    if (this.#tookBack) return;
    this.#tookBack = true;
    for (let slot = 0; slot < this.#slots.state.length; slot++) this.#connections.takeBackReading(slot);
    this.freed();
  }

  #recallSent(): void {
    for (const slot of sentSlots(this.#slots)) this.#connections.recall(slot);
  }
}
