/** One thread's load: its connections, its schedule, and the report of what became of every request. */

import { monotonicUs, watchThread } from "../clock.ts";
import { createSchedule, rateCurveOf, shareOf } from "../plan/schedule.ts";
import type { LoadConnection } from "../result/load.ts";
import type { Stop } from "../result/stop.ts";
import { ClosedLoop } from "./closed-loop.ts";
import { Drive } from "./drive.ts";
import type { FromThread, ThreadPlan, ThreadReport } from "./messages.ts";
import { startMetronome } from "./metronome.ts";
import { slotsAtFirst } from "./opening.ts";
import { Pacer } from "./pacer.ts";
import { openReadings } from "./readings.ts";
import type { Readings } from "./readings.ts";
import { rehearseResponses } from "./rehearse-responses.ts";
import { collectEveryUs, Sender } from "./sender.ts";
import type { Source } from "./source.ts";
import { Spin } from "./spin.ts";
import { openSockets } from "./socket.ts";
import { assemble, slotOf } from "./thread-parts.ts";
import type { Connector, ThreadParts } from "./thread-parts.ts";

/** Between the rehearsal and the load: V8's compilers have threads of their own. */
const quietUs = 50_000;

type Opened = Extract<FromThread, { kind: "opened" }>;

/** What is on its way when the opening is ended may still come about: the server counts it, and so should we. */
const openingGraceMs = 50;

export class ThreadLoad {
  readonly #plan: ThreadPlan;
  readonly #parts: ThreadParts;
  readonly #readings: Readings | null;
  #drive: Drive | null = null;
  /** What wakes the load in time. */
  #clock: Disposable | null = null;
  #sender: Sender | null = null;
  #cutShort = false;
  #onStop: (stop: Stop) => void = () => {};

  constructor(plan: ThreadPlan, connector: Connector) {
    this.#plan = plan;
    const everyUs = collectEveryUs(plan.load, plan);
    this.#readings = everyUs === null ? null : openReadings(plan.schedule.positions.length, everyUs);
    this.#parts = assemble(plan, {
      connector,
      openSockets,
      readings: this.#readings,
      onStop: (stop) => this.#onStop(stop),
    });
  }

  /**
   * Opens the keepalive connections that take part from the beginning: in one burst, or as `openSlot` says where they are
   * opened in turn. Tells `onOpened` when each has succeeded or failed.
   */
  open(onOpened: (opened: Opened) => void): void {
    const { keepalive, connect } = this.#plan.load;
    if (!keepalive) return onOpened({ kind: "opened", connections: [], failures: [] });
    const slots = slotsAtFirst(this.#plan.schedule);
    this.#parts.connections.awaitOpening(slots, (openFailures) => {
      const failures = openFailures.map((failure) => ({ ...failure, slot: this.#slotOf(failure.slot) }));
      // Some were connected, and then turned out not to speak the protocol.
      const failed = new Set(failures.map(({ slot }) => slot));
      onOpened({
        kind: "opened",
        connections: this.#list().filter(
          ({ slot, connectTimeUs }) => connectTimeUs !== null && !failed.has(slot),
        ),
        failures,
      });
    });
    if (connect === "burst") this.#parts.connections.openAll(slots);
  }

  /** Opens one connection; `onTried` is told it, or `null` where it could not be opened. */
  openSlot(local: number, onTried: (connection: LoadConnection | null) => void): void {
    this.#parts.connections.openSlot(local, (row) =>
      onTried(row === null ? null : this.#parts.table.at(row, this.#place())),
    );
  }

  /**
   * Drives the load from `startAtUs` to the end of its drain and reports; the connections stay open. `onStop` is told
   * when an outcome ends the load before its time, in this thread already.
   */
  drive(
    startAtUs: number,
    { onStop, onDone }: { onStop: (stop: Stop) => void; onDone: (report: ThreadReport) => void },
  ): void {
    const { load } = this.#plan;
    this.#onStop = (stop) => {
      // First the reason: stopping may end the drive at once, with its report.
      onStop(stop);
      this.stop();
    };
    this.#parts.connections.startedAtUs = startAtUs;
    const drive = new Drive({
      source: load.qps === 0 ? this.#closedLoop(startAtUs) : this.#paced(startAtUs),
      connections: this.#parts.connections,
      drainUs: load.timeoutUs,
      turnMs: this.#turnMs(),
      onEnd: () => {
        this.#clock?.[Symbol.dispose]();
        onDone({ ...this.#report(), busy: busy() });
      },
    });
    this.#drive = drive;
    const beginUs = startAtUs - load.warmupUs;
    if (load.qps === 0) setTimeout(() => drive.turn(), (beginUs - monotonicUs()) / 1e3);
    const spin = load.pacing === "spin" ? new Spin(() => drive.turn()) : null;
    if (spin !== null) this.#clock = spin;
    const watch = (): (() => number) => spin?.watch() ?? watchThread();
    let busy = watch();
    // The sender rehearses meanwhile.
    if (load.client === "fast")
      void rehearseResponses(this.#plan, beginUs - quietUs).then(() => (busy = watch()));
  }

  /** Ends the opening, or the load. */
  stop(): void {
    this.#cutShort = true;
    setTimeout(() => this.#parts.connections.endOpening(), openingGraceMs).unref();
    this.#drive?.stop();
  }

  closeConnection(id: number): void {
    this.#parts.connections.closeRow((id - this.#plan.thread) / this.#plan.threads);
  }

  /** Closes all that is open. */
  async end(): Promise<void> {
    this.#clock?.[Symbol.dispose]();
    this.#parts.connections.closeAll();
    // Its thread may be using them.
    await this.#sender?.exited;
    this.#readings?.[Symbol.dispose]();
  }

  #paced(startAtUs: number): Source {
    const { schedule, load, requests } = this.#plan;
    const connections = this.#parts.connections;
    const turn = (): void => this.#drive?.turn();
    if (this.#parts.lent !== null) {
      const slots = this.#parts.lent;
      const request = requests[0]!.bytes;
      const readings = this.#readings;
      const sender = new Sender({
        load,
        schedule,
        startAtUs,
        request,
        slots,
        readings,
        connections,
        onWake: turn,
      });
      this.#sender = sender;
      this.#clock = sender;
      return sender;
    }
    const passed = new Int32Array(new SharedArrayBuffer(4));
    if (load.pacing === "precise")
      this.#clock = startMetronome({ schedule, startAtUs, passed, onTick: turn });
    return new Pacer(createSchedule(schedule), {
      startUs: startAtUs,
      passed,
      fire: (slot, dueUs) => connections.fire(slot, dueUs),
    });
  }

  /** How often the load is looked after without any reading. Every timer makes every sleep of a thread dearer. */
  #turnMs(): number {
    const { qps, pacing } = this.#plan.load;
    if (this.#parts.lent !== null) return 200;
    return qps > 0 && pacing === "coarse" ? 1 : 20;
  }

  #closedLoop(startAtUs: number): Source {
    const { load, schedule } = this.#plan;
    return new ClosedLoop({
      beginUs: startAtUs - load.warmupUs,
      startUs: startAtUs,
      endUs: schedule.limit === Infinity ? startAtUs + schedule.durationUs : Infinity,
      limit: shareOf(schedule),
      positions: schedule.positions.map(([position]) => position!),
      streams: load.streams,
      curve: rateCurveOf(schedule),
      // Nothing is due before its turn comes: there is no lag.
      fire: (slot, nowUs) => this.#parts.connections.fire(slot, nowUs, nowUs),
    });
  }

  #slotOf(local: number): number {
    return slotOf(this.#plan, local);
  }

  #list(): LoadConnection[] {
    return this.#parts.table.list(this.#place());
  }

  #place() {
    const { thread, threads } = this.#plan;
    return { thread, threads, slotOf: (local: number) => this.#slotOf(local) };
  }

  #report(): Omit<ThreadReport, "busy"> {
    return {
      samples: this.#parts.recorder.take(),
      requestKinds: this.#parts.mix?.tallies ?? [],
      connections: this.#list(),
      tlsFailures: this.#parts.table.tlsFailures,
      skipped: this.#parts.connections.skipped,
      warmup: this.#parts.connections.warmup,
      redirects: this.#parts.connections.redirects,
      kernelTimed: this.#parts.connections.kernelTimed,
      bytesSent: this.#parts.bytes.sent,
      bytesReceived: this.#parts.bytes.received,
      cutShort: this.#cutShort,
      endedAtUs: monotonicUs(),
    };
  }
}
