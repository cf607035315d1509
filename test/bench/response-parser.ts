/** CPU nanoseconds the parser spends on a response: `node test/bench/response-parser.ts`. */

import { readFileSync } from "node:fs";
import { ResponseParser } from "../../src/driver/http1/response-parser.ts";

const rounds = 15;
const perRound = 100_000;

const octetsOf = (name: string): Buffer =>
  readFileSync(new URL(`../fixtures/http1/${name}.http`, import.meta.url));

function nanosPerResponse(parser: ResponseParser, octets: Buffer, count: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    parser.expect(false);
    parser.execute(octets, 0, octets.length);
    if (!parser.complete) throw new Error(`not complete: ${parser.error}`);
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1e3) / count;
}

function nanosPerSplitResponse(parser: ResponseParser, octets: Buffer, count: number): number {
  const half = octets.length >> 1;
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    parser.expect(false);
    parser.execute(octets, 0, half);
    parser.execute(octets, half, octets.length);
    if (!parser.complete) throw new Error(`not complete: ${parser.error}`);
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1e3) / count;
}

// Others share the machine: the least of many rounds is what the code costs.
const least = (measure: () => number): number => Math.min(...Array.from({ length: rounds }, measure));

/** The yardstick: the cheapest loop that looks at every octet. */
function nanosPerScan(octets: Buffer, count: number): number {
  let lines = 0;
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) for (let at = 0; at < octets.length; at++) if (octets[at] === 10) lines++;
  const { user, system } = process.cpuUsage(before);
  return lines === 0 ? 0 : ((user + system) * 1e3) / count;
}

for (const name of [
  "envoy-direct",
  "envoy-upstream",
  "envoy-upstream-chunked",
  "nginx-file",
  "node-ok",
  "node-many",
]) {
  const octets = octetsOf(name);
  const count = Math.ceil((perRound * 150) / octets.length);
  const parser = new ResponseParser({ workerHeader: "x-envoy-worker" });
  const whole = least(() => nanosPerResponse(parser, octets, count));
  const split = least(() => nanosPerSplitResponse(parser, octets, count));
  const scan = least(() => nanosPerScan(octets, count));
  console.log(
    `${name.padEnd(24)} ${String(octets.length).padStart(6)} octets  ${whole.toFixed(0).padStart(6)} ns  ` +
      `${(whole / scan).toFixed(2)} × a bare scan  in two parts ${split.toFixed(0).padStart(6)} ns`,
  );
}
