import { readFileSync, readdirSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fuzz } from "./fuzz-responses.ts";
import { readInParts } from "./read-in-parts.ts";

const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/).map((text) => `x-${text}`);
const value = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,60}$/);
const lineEnd = fc.constantFrom("\r\n", "\r\n", "\n");
const data = fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets).toString("latin1"));
const size = (length: number): fc.Arbitrary<string> =>
  fc.tuple(fc.nat(3), fc.boolean()).map(([zeros, upper]) => {
    const digits = "0".repeat(zeros) + length.toString(16);
    return upper ? digits.toUpperCase() : digits;
  });

const field = fc.tuple(name, value, lineEnd).map(([name, value, end]) => `${name}:${value}${end}`);
const chunk = fc
  .tuple(
    data.filter((data) => data !== ""),
    fc.constantFrom("", ";a=b", " ; a", "\t"),
  )
  .chain(([data, extension]) => size(data.length).map((digits) => `${digits}${extension}\r\n${data}\r\n`));
const framed = fc.oneof(
  data.map((data) => ({ line: `Content-Length:  ${data.length} `, body: data, bytes: data.length })),
  fc
    .tuple(fc.array(chunk, { maxLength: 5 }), size(0), fc.array(field, { maxLength: 3 }))
    .map(([chunks, last, trailers]) => ({
      line: "transfer-encoding: Chunked",
      body: `${chunks.join("")}${last}\r\n${trailers.join("")}\r\n`,
      bytes: chunks.reduce((sum, chunk) => sum + chunk.length - chunk.indexOf("\n") - 3, 0),
    })),
);
const response = fc.record({
  interim: fc.nat(2),
  status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
  before: fc.array(field, { maxLength: 4 }),
  after: fc.array(field, { maxLength: 4 }),
  worker: fc.option(fc.nat(127), { nil: -1 }),
  close: fc.boolean(),
  framed,
});

test("any response built by the rules is read as it was built, in any parts", () => {
  fc.assert(
    fc.property(response, fc.array(fc.nat(4000), { maxLength: 12 }), (built, positions) => {
      const { interim, status, before, after, worker, close, framed } = built;
      const text = [
        "HTTP/1.1 103 Early\r\nlink: x\r\n\r\n".repeat(interim),
        `HTTP/1.1 ${status} Reason\r\n`,
        ...before,
        worker < 0 ? "" : `x-envoy-worker: wrk:worker_${worker}\r\n`,
        close ? "connection: close\r\n" : "",
        `${framed.line}\r\n`,
        ...after,
        `\r\n${framed.body}`,
      ].join("");
      const cuts = positions.filter((cut) => cut <= text.length).sort((a, b) => a - b);
      expect(readInParts(`${text}rest`, { cuts })).toEqual({
        complete: true,
        error: null,
        consumed: text.length,
        status,
        keepAlive: !close,
        worker,
        bodyBytes: framed.bytes,
      });
    }),
    { numRuns: 2000 },
  );
}, 60_000);

test("100 000 mutated and random responses never throw, hang or overrun, and end as the plain reading has it", () => {
  const folder = new URL("../../fixtures/http1/", import.meta.url);
  const seeds = readdirSync(folder)
    .filter((name) => name.endsWith(".http"))
    .map((name) => readFileSync(new URL(name, folder)))
    .filter((octets) => octets.length < 1000);
  const ends = fuzz({ seeds, seed: 1, count: 100_000 });
  expect(ends.complete + ends.invalid + ends.incomplete).toBe(100_000);
  // All three ends must be common, or the mutations test little.
  expect(Math.min(ends.complete, ends.invalid, ends.incomplete)).toBeGreaterThan(10_000);
}, 120_000);
