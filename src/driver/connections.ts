/**
 * The connections of one thread: which are free, which requests wait for one, and what became of each request.
 * Hot path (`fire`, `completed`): typed arrays by request number, no allocation, no promise, no closure.
 *
 * A request number is a place in flight: slot × streams + stream. HTTP/1.1 has one a slot.
 */

import { monotonicUs } from "../clock.ts";
import { failureReasonOf, noConnection, outcomeOf } from "../result/load.ts";
import type { LoadPlan } from "../plan/plan.ts";
import type { FailureReason } from "../result/load.ts";
import type { Stop } from "../result/stop.ts";
import { AwaitedOpenings } from "./awaited-openings.ts";
import type { OpenFailure } from "./awaited-openings.ts";
import type { Connection, ConnectionOwner } from "./connection.ts";
import { InFlight } from "./in-flight.ts";
import { countOutcome } from "./progress.ts";
import type { Recorder } from "./recorder.ts";
import type { RequestMix } from "./request-mix.ts";
import { stopBy } from "./stop-rule.ts";
import { Waiting } from "./waiting.ts";

const neverSent = outcomeOf("never-sent");

export interface ConnectionsOptions {
  readonly slots: number;
  readonly load: Pick<LoadPlan, "streams" | "timeoutUs" | "nocatchup" | "abortOn" | "allowInitialErrors">;
  readonly recorder: Recorder;
  /** Which kind of request is next; `null` = there is one kind. */
  readonly mix: RequestMix | null;
  readonly counters: Int32Array;
  /** Told when an outcome must end the load; the requests of this moment are still under way. */
  readonly onStop: (stop: Stop) => void;
}

/** Who is told that reading has ended, and that a place in flight has become free with nothing waiting for it. */
export interface Turn {
  readonly readDone: () => void;
  readonly freed: (slot: number, nowUs: number) => void;
}

export class Connections implements ConnectionOwner {
  skipped = 0;
  /** Followed, of recorded requests. */
  redirects = 0;
  /** Recorded responses whose end the kernel told. */
  kernelTimed = 0;
  readonly warmup = { sent: 0, answered: 0, redirects: 0 };
  /** Requests intended earlier are warm-up and not recorded. */
  startedAtUs = Infinity;
  turn: Turn = { readDone: () => {}, freed: () => {} };

  readonly #options: ConnectionsOptions;
  readonly #streams: number;
  readonly #nocatchup: boolean;
  readonly #abortOn: number;
  readonly #all: Connection[] = [];
  readonly #waiting: Waiting;
  readonly #inFlight: InFlight;
  readonly #dueUs: Float64Array;
  readonly #actedUs: Float64Array;
  readonly #blockedUs: Float64Array;
  readonly #freeUs: Float64Array;
  readonly #free: Int32Array;
  readonly #freeCount: Int32Array;
  /** Places of each slot that its server does not grant. */
  readonly #withheld: Int32Array;
  #stopped = false;
  /** What is being made sense of has the kernel's time. */
  #kernelTells = false;
  readonly #openings = new AwaitedOpenings();

  constructor(options: ConnectionsOptions) {
    const { slots, load } = options;
    const { streams } = load;
    this.#options = options;
    this.#streams = streams;
    this.#nocatchup = load.nocatchup;
    this.#abortOn = load.abortOn ?? NaN;
    this.#dueUs = new Float64Array(slots * streams);
    this.#actedUs = new Float64Array(slots * streams);
    this.#blockedUs = new Float64Array(slots * streams);
    this.#freeUs = new Float64Array(slots * streams);
    this.#free = Int32Array.from({ length: slots * streams }, (_, request) => request);
    this.#freeCount = new Int32Array(slots).fill(streams);
    this.#withheld = new Int32Array(slots);
    this.#waiting = new Waiting(slots);
    this.#inFlight = new InFlight(this.#actedUs, load.timeoutUs, (request) =>
      this.#abort(request, "timeout"),
    );
  }

  add(connection: Connection): void {
    this.#all.push(connection);
  }

  /** `onOpened` will be told once the opening of each of these slots has succeeded or failed. */
  awaitOpening(slots: readonly number[], onOpened: (failures: readonly OpenFailure[]) => void): void {
    this.#openings.awaitAll(slots, onOpened);
  }

  /** Gives up the openings that are still awaited, begun or not. */
  endOpening(): void {
    for (const slot of this.#openings.slots) {
      this.#all[slot]!.close();
      this.openFailed(slot, "unfinished", "interrupted");
    }
  }

  /** Opens those of `slots`, or all, in one burst. */
  openAll(slots: readonly number[] = [...this.#all.keys()]): void {
    for (const slot of slots) this.#all[slot]!.open();
  }

  /** `onTried` is told the row of the connection, or `null` where it could not be opened. */
  openSlot(slot: number, onTried: (row: number | null) => void): void {
    this.#openings.awaitOne(slot, onTried);
    this.#all[slot]!.open();
  }

  opened(slot: number): void {
    this.#openings.succeeded(slot, this.#all[slot]!.row);
  }

  openFailed(slot: number, reason: FailureReason, message: string): void {
    this.#openings.failed({ slot, reason, message });
  }

  /** Requests in flight or waiting. */
  get unfinished(): number {
    return this.#inFlight.count + this.#waiting.count;
  }

  /** A request of `slot` is due: it starts, at `nowUs` or now, waits for its connection, or is given up under `nocatchup`. */
  fire(slot: number, dueUs: number, nowUs?: number): void {
    if (this.#freeCount[slot]! > this.#withheld[slot]!) this.#start(slot, dueUs, nowUs);
    else if (this.#nocatchup) this.skipped++;
    else this.#waiting.push(slot, dueUs);
  }

  /** What the sender has sent on this slot, if anything, goes into the books; it sends no more until lent again. */
  recall(slot: number): void {
    this.#all[slot]!.recall?.();
  }

  /** The connection of this slot reads by itself from now on. */
  takeBackReading(slot: number): void {
    this.#all[slot]!.takeBackReading?.();
  }

  /** The sender has read this for the connection of `slot`; the kernel has received it then, or NaN = that is not known. */
  deliver(slot: number, buffer: Buffer, start: number, count: number, receivedUs: number): void {
    const timed = !Number.isNaN(receivedUs);
    this.#kernelTells = timed;
    this.#all[slot]!.deliver?.(buffer, start, count, timed ? receivedUs : monotonicUs());
    this.#kernelTells = false;
  }

  sent(slot: number, dueUs: number, actedUs: number): number {
    const request = this.#take(slot, dueUs);
    this.#actedUs[request] = actedUs;
    this.#inFlight.add(request);
    return request;
  }

  granted(slot: number, requests: number): void {
    this.#withheld[slot] = Math.max(0, this.#streams - requests);
    const nowUs = monotonicUs();
    while (this.#waiting.has(slot) && this.#freeCount[slot]! > this.#withheld[slot]!) {
      // Nobody had this place, but until now the server withheld it.
      this.#freeUs[this.#free[slot * this.#streams + this.#freeCount[slot]! - 1]!] = nowUs;
      this.#start(slot, this.#waiting.shift(slot));
    }
  }

  completed(request: number, status: number, row: number, atUs = monotonicUs()): void {
    // No response ends before its request: the time of day that it was stamped by has been set.
    const plausible = atUs >= this.#actedUs[request]!;
    if (this.#kernelTells && plausible && this.#dueUs[request]! >= this.startedAtUs) this.kernelTimed++;
    this.#end(request, status, row, plausible ? atUs : monotonicUs());
  }

  redirected(request: number): void {
    if (this.#dueUs[request]! >= this.startedAtUs) this.redirects++;
    else this.warmup.redirects++;
  }

  failed(request: number, reason: FailureReason, row: number): void {
    this.#end(request, outcomeOf(reason), row, monotonicUs());
  }

  readDone(): void {
    this.turn.readDone();
  }

  /** Ends what is left: requests in flight as `unfinished`, waiting ones as `never-sent`, each at its age. */
  giveUp(): void {
    this.giveUpWaiting();
    this.#inFlight.sweep();
    this.#inFlight.endAll((request) => this.#abort(request, "unfinished"));
  }

  /** Ends what waits for its connection. */
  giveUpWaiting(): void {
    for (let slot = 0; slot < this.#all.length; slot++)
      while (this.#waiting.has(slot)) this.giveUpDue(this.#waiting.shift(slot));
  }

  /** Ends a request that was due then, without sending it. */
  giveUpDue(dueUs: number): void {
    const ageUs = monotonicUs() - dueUs;
    this.#record(dueUs, ageUs, ageUs, 0, noConnection, neverSent);
  }

  /** Closes the connection of a row of the connection table, where it is still open. */
  closeRow(row: number): void {
    this.#all.find((connection) => connection.row === row)?.close();
  }

  closeAll(): void {
    for (const connection of this.#all) connection.close();
    // Last, since a connection that closes may hand over what the sender has sent, which is watched like any other.
    this.#inFlight.stop();
  }

  #abort(request: number, reason: "timeout" | "unfinished"): void {
    this.#all[Math.floor(request / this.#streams)]!.abort(request, reason);
  }

  #take(slot: number, dueUs: number): number {
    const request = this.#free[slot * this.#streams + --this.#freeCount[slot]!]!;
    this.#dueUs[request] = dueUs;
    this.#blockedUs[request] = Math.max(0, this.#freeUs[request]! - dueUs);
    return request;
  }

  #start(slot: number, dueUs: number, nowUs = monotonicUs()): void {
    const request = this.#take(slot, dueUs);
    this.#actedUs[request] = nowUs;
    this.#options.mix?.draw(request, dueUs < this.startedAtUs);
    this.#inFlight.add(request);
    this.#all[slot]!.send(request);
  }

  #end(request: number, outcome: number, row: number, nowUs: number): void {
    const slot = Math.floor(request / this.#streams);
    const dueUs = this.#dueUs[request]!;
    const blockedUs = this.#blockedUs[request]!;
    // The clocks of two threads do not agree exactly: it may seem to have been sent before it could be.
    const lagUs = Math.max(0, this.#actedUs[request]! - dueUs - blockedUs);
    this.#inFlight.remove(request);
    this.#record(dueUs, nowUs - dueUs, blockedUs, lagUs, row < 0 ? noConnection : row, outcome);
    if (dueUs >= this.startedAtUs) this.#options.mix?.record(request, nowUs - dueUs, outcome >= 400);
    this.#freeUs[request] = nowUs;
    this.#free[slot * this.#streams + this.#freeCount[slot]!++] = request;
    if (this.#waiting.has(slot) && this.#freeCount[slot]! > this.#withheld[slot]!)
      this.#start(slot, this.#waiting.shift(slot));
    else this.turn.freed(slot, nowUs);
  }

  #judge(outcome: number, first: boolean): void {
    if (this.#stopped) return;
    const stop = stopBy(outcome, { first, load: this.#options.load });
    if (stop === null) return;
    this.#stopped = true;
    // Later, for this request is not recorded yet.
    setImmediate(() => this.#options.onStop(stop));
  }

  // Six numbers rather than an object: this runs once a request.
  #record(
    dueUs: number,
    latencyUs: number,
    blockedUs: number,
    lagUs: number,
    connection: number,
    outcome: number,
  ): void {
    const { counters, recorder } = this.#options;
    countOutcome(counters, outcome);
    if (outcome >= 400 || outcome === this.#abortOn) this.#judge(outcome, counters[0] === 1);
    if (dueUs < this.startedAtUs) this.#countWarmup(outcome);
    else recorder.record(latencyUs, blockedUs, lagUs, connection, dueUs - this.startedAtUs, outcome);
  }

  #countWarmup(outcome: number): void {
    if (outcome !== neverSent) this.warmup.sent++;
    if (failureReasonOf(outcome) === undefined) this.warmup.answered++;
  }
}
