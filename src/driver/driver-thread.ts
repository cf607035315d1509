/** The main thread's side of a driver thread. */

import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { MeshLoadError, messageOf } from "../errors.ts";
import type { LoadConnection } from "../result/load.ts";
import type { Stop } from "../result/stop.ts";
import type { FromThread, ThreadPlan, ThreadReport, ToThread } from "./messages.ts";

type Opened = Extract<FromThread, { kind: "opened" }>;

/** One driver thread, seen from the main thread: each question asked has one answer. */
export class DriverThread {
  /** It has started, and takes messages without delay. */
  readonly up: Promise<void>;
  readonly opened: Promise<Opened>;
  readonly #worker: Worker;
  readonly #starting = Promise.withResolvers<void>();
  readonly #opening = Promise.withResolvers<Opened>();
  readonly #driving = Promise.withResolvers<ThreadReport>();
  readonly #closing = new Map<number, () => void>();
  readonly #tries = new Map<number, (connection: LoadConnection | null) => void>();
  readonly #exited: Promise<void>;
  #onStop: (stop: Stop) => void = () => {};
  #dead = false;

  constructor(plan: ThreadPlan) {
    this.up = this.#starting.promise;
    this.opened = this.#opening.promise;
    this.#opening.promise.catch(() => {});
    this.#driving.promise.catch(() => {});
    this.#worker = new Worker(new URL(`./thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: plan,
    });
    this.#worker.on("message", (message: FromThread) => this.#receive(message));
    this.#worker.on("error", (error) => this.#died(error));
    this.#exited = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        this.#died(new Error("it ended too early"));
        resolve();
      });
    });
  }

  send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  /** @param onStop told when an outcome has ended this thread's load before its time */
  drive(startAtUs: number, onStop: (stop: Stop) => void): Promise<ThreadReport> {
    this.#onStop = onStop;
    this.send({ kind: "drive", startAtUs });
    return this.#driving.promise;
  }

  /** Opens the connection of a slot, by its number within the thread; `null` where it could not be opened. */
  openSlot(slot: number): Promise<LoadConnection | null> {
    if (this.#dead) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#tries.set(slot, resolve);
      this.send({ kind: "open", slot });
    });
  }

  close(connection: number): Promise<void> {
    if (this.#dead) return Promise.resolve();
    return new Promise((resolve) => {
      this.#closing.set(connection, resolve);
      this.send({ kind: "close", connection });
    });
  }

  async end(): Promise<void> {
    this.send({ kind: "end" });
    await this.#exited;
  }

  #receive(message: FromThread): void {
    switch (message.kind) {
      case "up":
        this.#starting.resolve();
        break;
      case "tried":
        this.#tries.get(message.slot)?.(message.connection);
        this.#tries.delete(message.slot);
        break;
      case "opened":
        this.#opening.resolve(message);
        break;
      case "stopped":
        this.#onStop(message.stop);
        break;
      case "done":
        this.#driving.resolve(message.report);
        break;
      case "closed":
        this.#closing.get(message.connection)?.();
        this.#closing.delete(message.connection);
        break;
      default:
        message satisfies never;
    }
  }

  #died(cause: unknown): void {
    this.#dead = true;
    const error = new MeshLoadError("THREAD_DIED", `a driver thread died: ${messageOf(cause)}`, {
      hint: "Please report it with the command that you ran.",
      cause,
    });
    this.#starting.resolve();
    this.#opening.reject(error);
    this.#driving.reject(error);
    for (const resolve of this.#closing.values()) resolve();
    for (const resolve of this.#tries.values()) resolve(null);
  }
}
