/** One thread's load: its connections, its schedule, and the report of what became of every request. */

import { monotonicUs, watchThread } from "../clock.ts";
import { createSchedule, rateCurveOf, shareOf } from "../plan/schedule.ts";
import type { LoadConnection } from "../result/load.ts";
import type { Stop } from "../result/stop.ts";
import { ClosedLoop } from "./closed-loop.ts";
import type { Connection, ConnectionOptions } from "./connection.ts";
import { ConnectionTable } from "./connection-table.ts";
import { Connections } from "./connections.ts";
import { Drive } from "./drive.ts";
import { Http1Connection } from "./http1/client.ts";
import { OutgoingRequest } from "./http1/outgoing-request.ts";
import { Http2Connection } from "./http2/client.ts";
import { http2Options } from "./http2/options.ts";
import { lifetimeOf } from "./lifetime.ts";
import { createLentSlots } from "./lent-slots.ts";
import type { LentSlots } from "./lent-slots.ts";
import type { FromThread, ThreadPlan, ThreadReport } from "./messages.ts";
import { startMetronome } from "./metronome.ts";
import { slotsAtFirst } from "./opening.ts";
import { Pacer } from "./pacer.ts";
import { Recorder } from "./recorder.ts";
import { RequestMix } from "./request-mix.ts";
import { Sender, senderSends } from "./sender.ts";
import type { Source } from "./source.ts";
import { createTlsClient } from "./tls-client.ts";
import { UuidSource } from "./uuid.ts";

/** What gives each slot its connection. */
export type Connector = (plan: ThreadPlan, shared: ConnectionOptions) => (slot: number) => Connection;

type Opened = Extract<FromThread, { kind: "opened" }>;

export class ThreadLoad {
  readonly #plan: ThreadPlan;
  readonly #table: ConnectionTable;
  readonly #bytes = { sent: 0, received: 0 };
  readonly #recorder: Recorder;
  readonly #connections: Connections;
  readonly #mix: RequestMix | null;
  #drive: Drive | null = null;
  readonly #lent: LentSlots | null;
  /** What wakes the load in time. */
  #clock: Disposable | null = null;
  #cutShort = false;
  #onStop: (stop: Stop) => void = () => {};

  constructor(plan: ThreadPlan, connector: Connector = fastConnector) {
    const { load, schedule } = plan;
    this.#plan = plan;
    this.#table = new ConnectionTable(plan.addresses.hosts);
    this.#recorder = new Recorder({
      expected: expectedSamples(plan),
      starts: plan.starts,
      workerOf: (row) => this.#table.workerOf(row),
    });
    this.#mix = mixOf(plan);
    this.#connections = new Connections({
      slots: schedule.positions.length,
      load,
      recorder: this.#recorder,
      mix: this.#mix,
      counters: plan.counters,
      onStop: (stop) => this.#onStop(stop),
    });
    this.#lent = senderSends(load, plan) ? createLentSlots(schedule.positions.length) : null;
    const shared: ConnectionOptions = {
      addresses: plan.addresses,
      slotOf: (local) => this.#slotOf(local),
      kinds: this.#mix?.kind ?? new Uint8Array(schedule.positions.length * load.streams),
      keepalive: load.keepalive,
      timeoutUs: load.timeoutUs,
      lifetimeOf: (local) => lifetimeOf(load.connectionReuse, schedule.seed, this.#slotOf(local)),
      linger0: load.linger0,
      localAddresses: load.localAddresses,
      tls: plan.tls === null ? null : createTlsClient(plan.tls),
      owner: this.#connections,
      table: this.#table,
      readBuffer: Buffer.allocUnsafeSlow(1 << 16),
      bytes: this.#bytes,
      lent: this.#lent,
    };
    const connect = connector(plan, shared);
    schedule.positions.forEach((_, slot) => this.#connections.add(connect(slot)));
  }

  /**
   * Opens the keepalive connections that take part from the beginning: in one burst, or as `openSlot` says where they are
   * opened in turn. Tells `onOpened` when each has succeeded or failed.
   */
  open(onOpened: (opened: Opened) => void): void {
    const { keepalive, connect } = this.#plan.load;
    if (!keepalive) return onOpened({ kind: "opened", connections: [], failures: [] });
    const slots = slotsAtFirst(this.#plan.schedule);
    this.#connections.awaitOpening(slots.length, (openFailures) => {
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
    if (connect === "burst") this.#connections.openAll(slots);
  }

  /** Opens one connection; `onTried` is told it, or `null` where it could not be opened. */
  openSlot(local: number, onTried: (connection: LoadConnection | null) => void): void {
    this.#connections.openSlot(local, (row) =>
      onTried(row === null ? null : this.#table.at(row, this.#place())),
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
    const busy = watchThread();
    this.#onStop = (stop) => {
      // First the reason: stopping may end the drive at once, with its report.
      onStop(stop);
      this.stop();
    };
    this.#connections.startedAtUs = startAtUs;
    const drive = new Drive({
      source: load.qps === 0 ? this.#closedLoop(startAtUs) : this.#paced(startAtUs),
      connections: this.#connections,
      drainUs: load.timeoutUs,
      turnMs: load.qps > 0 && load.pacing === "coarse" ? 1 : 20,
      onEnd: () => {
        this.#clock?.[Symbol.dispose]();
        onDone({ ...this.#report(), busy: busy() });
      },
    });
    this.#drive = drive;
    const untilStartMs = (startAtUs - load.warmupUs - monotonicUs()) / 1e3;
    if (load.qps === 0) setTimeout(() => drive.turn(), untilStartMs);
  }

  stop(): void {
    this.#cutShort = true;
    this.#drive?.stop();
  }

  closeConnection(id: number): void {
    this.#connections.closeRow((id - this.#plan.thread) / this.#plan.threads);
  }

  end(): void {
    this.#connections.closeAll();
  }

  #paced(startAtUs: number): Source {
    const { schedule, load, requests } = this.#plan;
    const connections = this.#connections;
    const turn = (): void => this.#drive?.turn();
    if (this.#lent !== null) {
      const slots = this.#lent;
      const request = requests[0]!.bytes;
      const sender = new Sender({ load, schedule, startAtUs, request, slots, connections, onWake: turn });
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

  #closedLoop(startAtUs: number): Source {
    const { load, schedule } = this.#plan;
    return new ClosedLoop({
      beginUs: startAtUs - load.warmupUs,
      startUs: startAtUs,
      endUs: schedule.limit === Infinity ? startAtUs + schedule.durationUs : Infinity,
      limit: shareOf(schedule),
      positions: schedule.positions,
      streams: load.streams,
      curve: rateCurveOf(schedule),
      fire: (slot, dueUs) => this.#connections.fire(slot, dueUs),
    });
  }

  #slotOf(local: number): number {
    return local * this.#plan.threads + this.#plan.thread;
  }

  #list(): LoadConnection[] {
    return this.#table.list(this.#place());
  }

  #place() {
    const { thread, threads } = this.#plan;
    return { thread, threads, slotOf: (local: number) => this.#slotOf(local) };
  }

  #report(): Omit<ThreadReport, "busy"> {
    return {
      samples: this.#recorder.take(),
      requestKinds: this.#mix?.tallies ?? [],
      connections: this.#list(),
      tlsFailures: this.#table.tlsFailures,
      skipped: this.#connections.skipped,
      warmupRequests: this.#connections.warmupRequests,
      redirects: this.#connections.redirects,
      bytesSent: this.#bytes.sent,
      bytesReceived: this.#bytes.received,
      cutShort: this.#cutShort,
      endedAtUs: monotonicUs(),
    };
  }
}

/** How a slot gets its connection by our own clients, in the protocol of the plan. */
const fastConnector: Connector = ({ load, requests, schedule, workerHeader }, shared) => {
  const uuids = new UuidSource();
  if (load.protocol !== "h2") {
    const options = {
      ...shared,
      requests: requests.map((request) => new OutgoingRequest(request, uuids)),
      workerHeader,
    };
    return (slot) => new Http1Connection(slot, options);
  }
  const options = http2Options(shared, {
    requests,
    uuids,
    slots: schedule.positions.length,
    streams: load.streams,
    workerHeader,
  });
  return (slot) => new Http2Connection(slot, options);
};

function mixOf({ load, schedule }: ThreadPlan): RequestMix | null {
  if (load.requests.length === 0) return null;
  return new RequestMix({
    weights: load.requests.map(({ weight }) => weight),
    places: schedule.positions.length * load.streams,
    seed: schedule.seed,
    thread: schedule.thread,
  });
}

/** Room for the whole schedule where its size is known, so that nothing grows during the load. */
function expectedSamples({ load, schedule, threads }: ThreadPlan): number {
  if (schedule.limit !== Infinity) return shareOf(schedule);
  if (load.qps === 0 || load.durationUs === 0) return 1 << 18;
  return Math.min(1 << 24, (rateCurveOf(schedule).total / threads) * 1.02 + 1000);
}
