import { expect, test } from "vitest";
import { mapByHeader } from "../../src/mapping/header.ts";
import { connection } from "./connection.ts";

test("knows the connections whose response named a worker, worker 0 included, and no others", () => {
  const connections = [connection(4, { headerWorker: 1 }), connection(5), connection(6, { headerWorker: 0 })];
  expect([...mapByHeader(connections)]).toEqual([
    [4, 1],
    [6, 0],
  ]);
});

test("where the workers are known, a PID or a thread id names them too, and any other number nobody", () => {
  const task = { wholeProcess: true, epoll: 5, name: "nginx" };
  const tasks = [
    { ...task, id: 0, pid: 71, thread: 71 },
    { ...task, id: 1, pid: 1, thread: 1 },
  ];
  const named = (headerWorker: number): number | undefined =>
    mapByHeader([connection(9, { headerWorker })], tasks).get(9);
  expect([71, 0, 1, 5].map(named)).toEqual([0, 0, 1, undefined]);
});
