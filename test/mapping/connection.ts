import type { LoadConnection } from "../../src/result/load.ts";

/** A connection that is open and whose responses name no worker, unless `over` says otherwise. */
export function connection(id: number, over: Partial<LoadConnection> = {}): LoadConnection {
  return {
    id,
    slot: id,
    thread: 0,
    localPort: 40_000 + id,
    localAddress: "127.0.0.1",
    remoteAddress: "127.0.0.1",
    openedAtUs: 0,
    closedAtUs: null,
    retired: false,
    connectTimeUs: 50,
    tlsTimeUs: null,
    resumed: false,
    headerWorker: null,
    ...over,
  };
}
