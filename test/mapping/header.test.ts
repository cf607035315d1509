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
