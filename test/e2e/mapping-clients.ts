/** Plain HTTP/1.1 clients for the mapping's tests: nothing of the driver, so that they can judge the mapping. */

import { connect } from "node:net";
import { onTestFinished } from "vitest";
import type { LoadConnection } from "../../src/result/load.ts";

export interface Client {
  readonly id: number;
  readonly localPort: number;
  readonly localAddress: string;
  /** What the header of the last response said; throws where it changed within the connection. */
  headerWorker(): number;
  /** Sends one request after the other until the returned function is called and the last response is in. */
  loop(): () => Promise<void>;
  asLoadConnection(): LoadConnection;
  close(): void;
}

/** Opens `count` connections as a burst and sends one request on each; they end with the test. */
export function openClients(host: string, port: number, count: number, firstId = 0): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => openClient(host, port, firstId + i)));
}

async function openClient(host: string, port: number, id: number): Promise<Client> {
  const socket = connect({ host, port, noDelay: true });
  onTestFinished(() => void socket.destroy());
  const workers = new Set<number>();
  let answered = Promise.withResolvers<void>();
  let looping = false;
  const send = (): void => {
    answered = Promise.withResolvers<void>();
    socket.write("GET / HTTP/1.1\r\nhost: lab\r\n\r\n");
  };
  socket.on("error", (error) => answered.reject(error));
  socket.on("data", (data) => {
    // The direct response is a few octets: it comes whole.
    const worker = /x-envoy-worker: wrk:worker_(\d+)\r\n/i.exec(data.toString("latin1"))?.[1];
    if (worker === undefined) return;
    workers.add(Number(worker));
    answered.resolve();
    if (looping) send();
  });
  send();
  await answered.promise;
  const localPort = socket.localPort ?? 0;
  const localAddress = socket.localAddress ?? "";
  const headerWorker = (): number => {
    if (workers.size !== 1)
      throw new Error(`connection ${id} was answered by workers ${[...workers].join(", ")}`);
    return [...workers][0] ?? -1;
  };
  return {
    id,
    localPort,
    localAddress,
    headerWorker,
    loop() {
      looping = true;
      send();
      return async () => {
        looping = false;
        await answered.promise;
      };
    },
    asLoadConnection: () => ({
      id,
      slot: id,
      thread: 0,
      localPort,
      localAddress,
      remoteAddress: host,
      openedAtUs: 0,
      closedAtUs: null,
      retired: false,
      connectTimeUs: 0,
      tlsTimeUs: null,
      resumed: false,
      headerWorker: headerWorker(),
    }),
    close: () => void socket.destroy(),
  };
}

/** Reads `listener.NAME.worker_N.STAT` of every worker from the admin. */
export function readCounts(
  admin: string,
  listener: string,
  stat: string,
): () => Promise<Map<number, number>> {
  const filter = encodeURIComponent(`^listener\\.${listener}\\.worker_\\d+\\.${stat}$`);
  return async () => {
    const text = await (await fetch(`${admin}/stats?filter=${filter}`)).text();
    return new Map(
      [...text.matchAll(/worker_(\d+)\.\w+: (\d+)/g)].map(([, worker, count]) => [
        Number(worker),
        Number(count),
      ]),
    );
  };
}
