import { once } from "node:events";
import { writeSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { monotonicUs } from "../../../src/clock.ts";
import { ConnectionTable } from "../../../src/driver/connection-table.ts";
import { Connections } from "../../../src/driver/connections.ts";
import { Http1Connection } from "../../../src/driver/http1/client.ts";
import { OutgoingRequest } from "../../../src/driver/http1/outgoing-request.ts";
import { UuidSource } from "../../../src/driver/uuid.ts";
import { borrow, createLentSlots, giveBack } from "../../../src/driver/lent-slots.ts";
import { beginReading, endReading } from "../../../src/driver/lent-reading.ts";
import { openReadings } from "../../../src/driver/readings.ts";
import type { Readings } from "../../../src/driver/readings.ts";
import { Recorder } from "../../../src/driver/recorder.ts";
import { openSockets } from "../../../src/driver/socket.ts";
import { failureReasonOf } from "../../../src/result/load.ts";
import { okResponse } from "../../servers/behaviours.ts";

const request = Buffer.from("GET /abcdefgh HTTP/1.1\r\nhost: x\r\n\r\n");

/** One lent connection to a server of which the test holds the other end. */
async function lentConnection(readings: Readings | null = null): Promise<
  AsyncDisposable & {
    readonly slots: ReturnType<typeof createLentSlots>;
    readonly connections: Connections;
    readonly peer: Socket;
    readonly recorder: Recorder;
  }
> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const slots = createLentSlots(1);
  const table = new ConnectionTable(["127.0.0.1"]);
  const recorder = new Recorder({ expected: 10, workerOf: () => -1 });
  const connections = new Connections({
    slots: 1,
    load: { streams: 1, timeoutUs: 5e6, nocatchup: false, abortOn: null, allowInitialErrors: true },
    recorder,
    mix: null,
    counters: new Int32Array(16),
    onStop: () => {},
  });
  connections.startedAtUs = 0;
  connections.add(
    new Http1Connection(0, {
      addresses: { hosts: ["127.0.0.1"], port: (server.address() as AddressInfo).port },
      slotOf: (local) => local,
      keepalive: true,
      timeoutUs: 1e6,
      lifetimeOf: () => () => Infinity,
      linger0: false,
      localAddresses: [],
      tls: null,

      owner: connections,
      table,
      readBuffer: Buffer.alloc(4096),
      bytes: { sent: 0, received: 0 },
      requests: [
        new OutgoingRequest(
          { bytes: request, body: null, uuidAt: [], bodyUuidAt: [], isHead: false },
          new UuidSource(),
        ),
      ],
      kinds: new Uint8Array(1),
      workerHeader: "",
      openSockets,
      lent: slots,
      readings,
    }),
  );
  const accepted = once(server, "connection");
  const opened = new Promise<void>((resolve) => connections.awaitOpening([0], () => resolve()));
  connections.openAll();
  await opened;
  const [peer] = (await accepted) as [Socket];
  return {
    slots,
    connections,
    peer,
    recorder,
    [Symbol.asyncDispose]: async () => {
      connections.closeAll();
      peer.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** What the sender does, as far as it comes with the first `octets`. */
function sendAsSender(slots: ReturnType<typeof createLentSlots>, octets: number): void {
  expect(borrow(slots, 0)).toBe(true);
  slots.dueUs[0] = monotonicUs() - 50;
  slots.actedUs[0] = slots.dueUs[0] + 50;
  slots.written[0] = writeSync(slots.descriptor[0]!, request, 0, octets);
  giveBack(slots, 0);
}

test("writes the rest of a request that the sender has begun, once", async () => {
  await using lent = await lentConnection();
  sendAsSender(lent.slots, 10);
  lent.connections.recall(0);
  lent.connections.recall(0);
  let received = "";
  lent.peer.on("data", (data: Buffer) => void (received += data.toString()));
  await expect.poll(() => received).toBe(request.toString());
  lent.peer.write(okResponse());
  await expect.poll(() => lent.recorder.take().count).toBe(1);
  expect(lent.recorder.take().outcome[0]).toBe(200);
  expect(lent.recorder.take().lagUs[0]).toBeCloseTo(50, 1);
  expect(received).toBe(request.toString());
});

test("completes what the sender has sent, and lends the descriptor again", async () => {
  await using lent = await lentConnection();
  for (const count of [1, 2, 3]) {
    sendAsSender(lent.slots, request.length);
    await once(lent.peer, "data");
    lent.peer.write(okResponse());
    await expect.poll(() => lent.recorder.take().count).toBe(count);
  }
  expect(lent.connections.unfinished).toBe(0);
});

test("lends no descriptor that its socket is about to close", async () => {
  await using lent = await lentConnection();
  lent.peer.resetAndDestroy();
  await expect.poll(() => borrow(lent.slots, 0) && (giveBack(lent.slots, 0), true)).toBe(false);
});

test("tells the request as failed that the sender has sent on a connection that is reset", async () => {
  await using lent = await lentConnection();
  sendAsSender(lent.slots, request.length);
  lent.peer.resetAndDestroy();
  await expect.poll(() => lent.recorder.take().count).toBe(1);
  expect(failureReasonOf(lent.recorder.take().outcome[0]!)).toBe("reset");
  expect(borrow(lent.slots, 0)).toBe(false);
  await turn();
  expect(lent.connections.unfinished).toBe(0);
});

/** Its sender's first request has been answered. */
async function answeredOnce(readings: Readings, body?: string) {
  const lent = await lentConnection(readings);
  sendAsSender(lent.slots, request.length);
  await once(lent.peer, "data");
  lent.peer.write(okResponse(body));
  await expect.poll(() => lent.recorder.take().count).toBe(1);
  return lent;
}

const mayRead = ({ collecting: { reading } }: Readings): boolean => {
  const may = beginReading(reading, 0);
  if (may) endReading(reading, 0);
  return may;
};

describe("The reading of a connection is lent", () => {
  test("once the sender's first request was answered, until it is closed", async () => {
    using readings = openReadings(1, 0)!;
    expect(mayRead(readings)).toBe(false);
    await using lent = await answeredOnce(readings);
    expect(mayRead(readings)).toBe(true);
    const lending = readings.collecting.reading.lending[0]!;
    expect(readings.isOf(0, lending)).toBe(true);
    lent.connections.closeAll();
    expect(mayRead(readings)).toBe(false);
    expect(readings.isOf(0, lending)).toBe(false);
  });

  test("until the driver waits for a response itself", async () => {
    using readings = openReadings(1, 0)!;
    await using lent = await answeredOnce(readings);
    lent.connections.takeBackReading(0);
    expect(mayRead(readings)).toBe(false);
    lent.connections.fire(0, monotonicUs());
    await once(lent.peer, "data");
    lent.peer.write(okResponse());
    await expect.poll(() => lent.recorder.take().count).toBe(2);
    // Only what the sender wrote can be answered without anybody waiting for it.
    expect(mayRead(readings)).toBe(false);
  });

  test("unless the response was too long", async () => {
    using readings = openReadings(1, 0)!;
    await using _ = await answeredOnce(readings, "x".repeat(20_000));
    expect(mayRead(readings)).toBe(false);
  });
});
