/** A server that reads frames of HTTP/2 and answers with whatever octets it is told to, right or wrong. */

import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export interface RawBehaviour {
  /** Octets sent once the client's preface has come; SETTINGS without settings, unless given. Without any it says nothing. */
  readonly greeting?: Buffer;
  /** A request has come, up to the end of its header; `nth` of its connection, from 1. */
  onRequest?(socket: Socket, streamId: number, nth: number): void;
  /** Any frame of the client's. */
  onFrame?(socket: Socket, frame: Frame): void;
}

export interface RawHttp2Server extends AsyncDisposable {
  readonly url: string;
  readonly connections: number;
  readonly open: number;
  /** Frames received, by connection. */
  readonly frames: readonly Frame[][];
}

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** `type` as in RFC 9113 §6; `payload` of octets. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Buffer | readonly number[] = [],
): Buffer {
  const octets = Buffer.from(payload);
  const head = Buffer.alloc(9);
  head.writeUIntBE(octets.length, 0, 3);
  head.set([type, flags], 3);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, octets]);
}

/** Numbers of four octets. */
export const numbers = (...values: readonly number[]): Buffer =>
  Buffer.concat(values.map((value) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])));

/** SETTINGS of identifier → value. */
export const settings = (values: Readonly<Record<number, number>> = {}): Buffer =>
  frame(
    4,
    0,
    0,
    Buffer.concat(
      Object.entries(values).map(([id, value]) =>
        Buffer.concat([Buffer.from([0, Number(id)]), numbers(value)]),
      ),
    ),
  );

/** A field of a name and a value in clear text, without indexing. */
export const field = (name: string, value: string): Buffer =>
  Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);

/** `:status` 200 by the static table. */
export const status200 = Buffer.from([0x88]);

/** HEADERS with 200 that end the stream. */
export const ok = (streamId: number): Buffer => frame(1, 5, streamId, status200);

export async function startRawHttp2(behaviour: RawBehaviour): Promise<RawHttp2Server> {
  const sockets = new Set<Socket>();
  const frames: Frame[][] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    serve(socket, behaviour, frames);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    frames,
    get connections() {
      return frames.length;
    },
    get open() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function serve(socket: Socket, behaviour: RawBehaviour, frames: Frame[][]): void {
  const own: Frame[] = [];
  frames.push(own);
  let received = Buffer.alloc(0);
  let greeted = false;
  let requests = 0;
  socket.on("data", (data: Buffer) => {
    received = Buffer.concat([received, data]);
    if (!greeted) {
      if (received.length < preface.length) return;
      if (received.subarray(0, preface.length).toString() !== preface) throw new Error("no preface");
      received = received.subarray(preface.length);
      greeted = true;
      socket.write(behaviour.greeting ?? settings());
    }
    for (let size = frameSize(received); size > 0; size = frameSize(received)) {
      const one = {
        type: received[3]!,
        flags: received[4]!,
        streamId: received.readUInt32BE(5),
        payload: received.subarray(9, size),
      };
      received = received.subarray(size);
      own.push(one);
      behaviour.onFrame?.(socket, one);
      if (one.type === 4 && (one.flags & 1) === 0 && behaviour.greeting?.length !== 0)
        socket.write(frame(4, 1, 0));
      if (one.type === 1) behaviour.onRequest?.(socket, one.streamId, ++requests);
    }
  });
}

/** Octets of the whole frame at the front, 0 where it has not come whole. */
function frameSize(received: Buffer): number {
  if (received.length < 9) return 0;
  const size = 9 + received.readUIntBE(0, 3);
  return received.length >= size ? size : 0;
}
