/** A keepalive connection for the calibration: just enough HTTP/1.1 for our own Envoy, and little CPU beside it. */

import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { MeshLoadError, messageOf } from "../errors.ts";
import { calibrateHeader, workerHeader } from "./worker-script.ts";

export interface CalibrationConnection {
  /** Name of the worker that holds the connection. */
  readonly worker: string;
  /** Has the worker run so many turns for one request. One at a time; rejects where the connection ends. */
  exchange(turns: number): Promise<void>;
  close(): void;
}

/** Of any listener: the loop is the same behind each. */
export interface ListenerAddress {
  readonly port: number;
  /** Who vouches for it, or `null` where it speaks plain text. */
  readonly ca: string | null;
}

/**
 * Connects to 127.0.0.1 and asks the worker's name.
 *
 * @throws MeshLoadError ENVOY_FAILED, as every exchange does
 */
export async function connectForCalibration({ port, ca }: ListenerAddress): Promise<CalibrationConnection> {
  const address = { host: "127.0.0.1", port, noDelay: true };
  const socket = ca === null ? connect(address) : connectTls({ ...address, ca });
  await once(socket, ca === null ? "connect" : "secureConnect").catch((error: unknown) => {
    throw new MeshLoadError("ENVOY_FAILED", `cannot connect for the calibration: ${messageOf(error)}`);
  });
  // A close follows every error, and says enough.
  socket.on("error", () => {});
  const head = await exchange(socket, 0);
  return {
    worker: headerOf(head, workerHeader) ?? "?",
    exchange: async (turns) => void (await exchange(socket, turns)),
    close: () => void socket.destroy(),
  };
}

/** Resolves with the head of the answer once its body has come. Envoy frames each of ours by content-length, or it has none. */
function exchange(socket: Socket, turns: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    const finish = (): void => {
      socket.off("data", onData).off("close", onClose);
    };
    const onClose = (): void => {
      finish();
      reject(new MeshLoadError("ENVOY_FAILED", "Envoy closed a connection of the calibration"));
    };
    const onData = (bytes: Buffer): void => {
      received += bytes.toString("latin1");
      const headEnd = received.indexOf("\r\n\r\n");
      if (headEnd === -1) return;
      const head = received.slice(0, headEnd);
      if (received.length < headEnd + 4 + Number(headerOf(head, "content-length") ?? 0)) return;
      finish();
      resolve(head);
    };
    socket.on("data", onData).on("close", onClose);
    socket.write(`GET / HTTP/1.1\r\nhost: lab\r\n${calibrateHeader}: ${turns}\r\n\r\n`);
  });
}

function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1]?.trim();
}
