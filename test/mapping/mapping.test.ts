import { expect, test } from "vitest";
import { MeshLoadError } from "../../src/errors.ts";
import { startMapping } from "../../src/mapping/mapping.ts";
import type { MappingOptions } from "../../src/mapping/mapping.ts";
import { connection } from "./connection.ts";
import { simulateListener } from "./simulated-listener.ts";

const blind: MappingOptions = {
  choice: "auto",
  keepalive: true,
  pid: null,
  tasks: [],
  serverPort: 8081,
  readActive: null,
  readTotal: null,
};
const never = async (): Promise<never> => expect.unreachable("no connection may be closed");
const readNothing = async () => new Map<number, number>();

test.each([
  { choice: "epoll", over: {}, missing: "the PID of the server is not known (-pid)" },
  {
    choice: "epoll",
    over: { pid: 1, keepalive: false },
    missing: "connections are too short-lived to be looked up",
  },
  {
    choice: "epoll",
    over: { pid: 1, serverPort: 0 },
    missing: "connections on a Unix domain socket have no ports to be told apart by",
  },
  {
    choice: "epoll",
    over: { pid: process.pid },
    missing: `process ${process.pid} has no workers to be seen`,
  },
  { choice: "unwind", over: {}, missing: "the admin of the Envoy is not known (-admin)" },
  {
    choice: "unwind",
    over: { keepalive: false, readActive: readNothing },
    missing: "connections are too short-lived to be closed in turn",
  },
  { choice: "serial", over: {}, missing: "connections were not watched being opened" },
] as const)("-map $choice is refused before the load: $missing", async ({ choice, over, missing }) => {
  const error = await startMapping({ ...blind, ...over, choice }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MeshLoadError);
  const { code, exitCode, message, hint } = error as MeshLoadError;
  expect({ code, exitCode }).toEqual({ code: "PLAN_IMPOSSIBLE", exitCode: 2 });
  expect(message).toContain(`-map ${choice} is not possible: ${missing}`);
  expect(hint).toBe("-map auto takes what is possible and says what it was.");
});

test("the automatic choice without PID, header and admin knows nothing and says why", async () => {
  const mapping = await startMapping(blind);
  const connections = [connection(0), connection(1)];
  await mapping.sample(connections);
  expect(await mapping.finish({ connections, close: never })).toEqual({
    method: "none",
    workerOf: new Map(),
    checks: [],
    reason:
      "not all by epoll: the PID of the server is not known (-pid); not all by header: some responses named no worker; " +
      "not all by unwind: the admin of the Envoy is not known (-admin)",
  });
});

test("short-lived connections are known by their header, and nothing is closed or asked for", async () => {
  const mapping = await startMapping({ ...blind, keepalive: false, pid: process.pid, readActive: never });
  const connections = [0, 1, 2].map((id) => connection(id, { closedAtUs: 9, headerWorker: id % 2 }));
  const { method, workerOf } = await mapping.finish({ connections, close: never });
  expect(method).toBe("header");
  expect([...workerOf]).toEqual([
    [0, 0],
    [1, 1],
    [2, 0],
  ]);
});

test("the automatic choice closes only what neither epoll nor header knows", async () => {
  const workers = [1, 0, 1, 1];
  const listener = simulateListener({ workers: 2, ours: workers });
  const closed: number[] = [];
  const close = async (id: number): Promise<void> => {
    closed.push(id);
    await listener.close(id);
  };
  const mapping = await startMapping({ ...blind, readActive: listener.readActive });
  const connections = workers.map((worker, id) => connection(id, { headerWorker: id < 2 ? worker : null }));
  const result = await mapping.finish({ connections, close });
  expect(closed).toEqual([2, 3]);
  expect([...result.workerOf]).toEqual([...workers.entries()]);
});

test("-map unwind closes every open connection and is compared with the header", async () => {
  const workers = [1, 0, 0, 1, 1];
  const listener = simulateListener({ workers: 2, ours: workers });
  const mapping = await startMapping({ ...blind, choice: "unwind", readActive: listener.readActive });
  const open = workers.map((worker, id) => connection(id, { headerWorker: worker }));
  // One that never opened, and one that closed during the load: neither can be unwound.
  const connections = [
    ...open,
    connection(5, { localPort: 0, connectTimeUs: null }),
    connection(6, { closedAtUs: 9, headerWorker: 0 }),
  ];
  const result = await mapping.finish({ connections, close: listener.close });
  expect(result.method).toBe("unwind");
  expect([...result.workerOf]).toEqual([...workers.entries()]);
  expect(result.checks).toEqual([{ method: "header", compared: 5, disagreed: 0 }]);
  expect(result.reason).toBe(
    "unwind told 5 of 6 connections; header agrees on 5; not all by unwind: some had closed before",
  );
});

test("-map none knows nothing, whatever there is to know", async () => {
  const mapping = await startMapping({ ...blind, choice: "none", pid: process.pid, readActive: never });
  const connections = [connection(0, { headerWorker: 1 })];
  await mapping.sample(connections);
  const { method, workerOf } = await mapping.finish({ connections, close: never });
  expect(method).toBe("none");
  expect(workerOf.size).toBe(0);
});
