/** What a thread's load is made of: its connections, what they share, and where outcomes are recorded. */

import { rateCurveOf, shareOf } from "../plan/schedule.ts";
import type { Stop } from "../result/stop.ts";
import type { Connection, ConnectionOptions } from "./connection.ts";
import { ConnectionTable } from "./connection-table.ts";
import { Connections } from "./connections.ts";
import { Http1Connection } from "./http1/client.ts";
import { OutgoingRequest } from "./http1/outgoing-request.ts";
import { Http2Connection } from "./http2/client.ts";
import { http2Options } from "./http2/options.ts";
import { createLentSlots } from "./lent-slots.ts";
import type { LentSlots } from "./lent-slots.ts";
import { lifetimeOf } from "./lifetime.ts";
import type { ThreadPlan } from "./messages.ts";
import type { Readings } from "./readings.ts";
import { Recorder } from "./recorder.ts";
import { RequestMix } from "./request-mix.ts";
import { senderSends } from "./sender.ts";
import type { OpenSockets } from "./socket.ts";
import { createTlsClient } from "./tls-client.ts";
import { UuidSource } from "./uuid.ts";

/** What gives each slot its connection. */
export type Connector = (plan: ThreadPlan, shared: ConnectionOptions) => (slot: number) => Connection;

export interface ThreadParts {
  readonly table: ConnectionTable;
  readonly bytes: { readonly sent: number; readonly received: number };
  readonly recorder: Recorder;
  /** `null` where there is one kind of request. */
  readonly mix: RequestMix | null;
  readonly connections: Connections;
  /** `null` where no sender writes. */
  readonly lent: LentSlots | null;
}

interface Assembly {
  readonly connector: Connector;
  readonly openSockets: OpenSockets;
  /** `null` where the driver thread reads all by itself. */
  readonly readings: Readings | null;
  /** Told when an outcome must end the load. */
  readonly onStop: (stop: Stop) => void;
}

export function assemble(
  plan: ThreadPlan,
  { connector, openSockets, readings, onStop }: Assembly,
): ThreadParts {
  const { load, schedule } = plan;
  const slots = schedule.positions.length;
  const table = new ConnectionTable(plan.addresses.hosts);
  const bytes = { sent: 0, received: 0 };
  const recorder = new Recorder({
    expected: expectedSamples(plan),
    starts: plan.starts,
    workerOf: (row) => table.workerOf(row),
  });
  const mix = mixOf(plan);
  const connections = new Connections({ slots, load, recorder, mix, counters: plan.counters, onStop });
  const lent = senderSends(load, plan) ? createLentSlots(slots) : null;
  const connect = connector(plan, {
    addresses: plan.addresses,
    slotOf: (local) => slotOf(plan, local),
    kinds: mix?.kind ?? new Uint8Array(slots * load.streams),
    keepalive: load.keepalive,
    timeoutUs: load.timeoutUs,
    lifetimeOf: (local) => lifetimeOf(load.connectionReuse, schedule.seed, slotOf(plan, local)),
    linger0: load.linger0,
    localAddresses: load.localAddresses,
    tls: plan.tls === null ? null : createTlsClient(plan.tls),
    owner: connections,
    table,
    readBuffer: Buffer.allocUnsafeSlow(1 << 16),
    bytes,
    openSockets,
    lent,
    readings,
  });
  for (let slot = 0; slot < slots; slot++) connections.add(connect(slot));
  return { table, bytes, recorder, mix, connections, lent };
}

/** The number of a slot of this thread among those of all threads. */
export function slotOf({ thread, threads }: ThreadPlan, local: number): number {
  return local * threads + thread;
}

/** How a slot gets its connection by our own clients, in the protocol of the plan. */
export const fastConnector: Connector = ({ load, requests, schedule, workerHeader }, shared) => {
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
