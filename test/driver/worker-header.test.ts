/** What a header's value names is the same to every client. */

import { expect, test } from "vitest";
import { HpackDecoder } from "../../src/driver/http2/hpack-decoder.ts";
import { workerIn } from "../../src/driver/worker-header.ts";
import { readInParts } from "./http1/read-in-parts.ts";

function workerOverHttp2(value: string): number {
  const decoder = new HpackDecoder("x-w");
  // A status of 200, and a literal of a new name (RFC 7541 §6.2.2), with lengths below 127.
  const block = Buffer.from(`\x88\x00\x03x-w${String.fromCharCode(value.length)}${value}`, "latin1");
  decoder.decode(block, 0, block.length, false);
  expect(decoder.error).toBeNull();
  return decoder.worker;
}

test.each([
  ["wrk:worker_3", 3],
  ["0", 0],
  ["worker", -1],
  ["worker_7a", -1],
  // The highest PID that Linux gives, and numbers about the limit.
  [String(2 ** 22), 4_194_304],
  ["9999999", 9_999_999],
  ["10000000", -1],
  ["99999999999999999999", -1],
  ["0000000000000000000000042", 42],
])("%j names worker %d", (value, worker) => {
  expect(workerIn(value)).toBe(worker);
  expect(workerOverHttp2(value)).toBe(worker);
  const response = `HTTP/1.1 200 OK\r\nx-envoy-worker: ${value}\r\ncontent-length: 0\r\n\r\n`;
  expect(readInParts(response).worker).toBe(worker);
});

test("what is no text names none", () => {
  expect(workerIn(undefined)).toBe(-1);
  expect(workerIn(["worker_1", "worker_2"])).toBe(-1);
});
