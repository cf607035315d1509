/** Text recorded from a real Envoy 1.40 with `default`, `reuse_port`, `exact_balance` and other listeners. */

import { readFileSync } from "node:fs";
import { parseTcpTable } from "../../src/scraper/sockets-table.ts";
import type { TcpSocket } from "../../src/scraper/sockets-table.ts";

export function recordedText(file: string): string {
  return readFileSync(new URL(`../fixtures/envoy/${file}`, import.meta.url), "utf8");
}

export function recordedJson(file: string): unknown {
  return JSON.parse(recordedText(file));
}

/** The kernel's view of the recorded Envoy with 2 or 4 workers. */
export function recordedSockets(workers: 2 | 4): { table: TcpSocket[]; descriptors: number[] } {
  const descriptors = recordedJson(`descriptors-${workers}-workers.json`) as Record<string, number>;
  return {
    table: ["tcp", "tcp6"].flatMap((name) => parseTcpTable(recordedText(`${name}-${workers}-workers.txt`))),
    descriptors: Object.values(descriptors),
  };
}
