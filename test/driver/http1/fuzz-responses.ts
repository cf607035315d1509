/** Mutates responses and checks the parser against the oracle: the same end, however the octets are split. */

import { type Random, seededRandom } from "../../../src/random.ts";
import { readNaively } from "./naive-response.ts";
import { type ReadOutcome, readInParts, workerHeader } from "./read-in-parts.ts";

/** What turns framing over when it lands in the right place. */
const pieces = [
  "\r\n",
  "\n",
  "\r",
  " ",
  "\t",
  ":",
  ",",
  ";",
  "0",
  "-",
  "\0",
  "a\r\n b",
  "\r\n\r\n",
  "HTTP/1.1 200 OK\r\n",
  "HTTP/1.0 ",
  "HTTP/1.1 100 C\r\n\r\n",
  "HTTP/1.1 204 N\r\n\r\n",
  "content-length: 5\r\n",
  "Content-Length: 3, 3\r\n",
  "transfer-encoding: chunked\r\n",
  "transfer-encoding: gzip\r\n",
  "connection: close\r\n",
  "connection: keep-alive\r\n",
  "5\r\nhello\r\n",
  "0\r\n\r\n",
  "ffffffffffffffff\r\n",
  "x-envoy-worker: w_9\r\n",
  "x: y\r\n z\r\n",
  "chunked",
];

export interface FuzzEnds {
  complete: number;
  incomplete: number;
  invalid: number;
}

/** @throws at the first response that the parser and the oracle read differently, with its text. */
export function fuzz({
  seeds,
  seed,
  count,
}: {
  seeds: readonly Buffer[];
  seed: number;
  count: number;
}): FuzzEnds {
  const random = seededRandom(seed, "fuzz-responses");
  const ends: FuzzEnds = { complete: 0, incomplete: 0, invalid: 0 };
  for (let i = 0; i < count; i++) {
    const octets = i % 20 === 0 ? noise(random) : mutated(seeds[below(seeds.length, random)]!, random);
    const head = random() < 0.1;
    const closed = random() < 0.5;
    const cuts = Array.from({ length: below(6, random) }, () => below(octets.length, random)).sort(
      (a, b) => a - b,
    );
    const naive = readNaively(octets.toString("latin1"), { head, closed, workerHeader });
    const whole = readInParts(octets, { head, closed });
    const split = readInParts(octets, { head, closed, cuts });
    ends[naive.verdict]++;
    const difference = differenceOf({ naive, whole, split });
    if (difference !== "")
      throw new Error(
        `${difference}: ${JSON.stringify({ i, seed, head, closed, cuts, text: octets.toString("latin1"), naive, whole, split })}`,
      );
  }
  return ends;
}

function differenceOf({
  naive,
  whole,
  split,
}: {
  naive: ReturnType<typeof readNaively>;
  whole: ReadOutcome;
  split: ReadOutcome;
}): string {
  if (JSON.stringify(whole) !== JSON.stringify(split)) return "the split matters";
  if (naive.verdict === "invalid") return whole.error === null ? "not refused" : "";
  if (naive.verdict === "incomplete") return whole.complete ? "complete too early" : "";
  const same = (["consumed", "status", "keepAlive", "worker", "bodyBytes"] as const).every(
    (key) => whole[key] === naive[key],
  );
  return whole.complete && whole.error === null && same ? "" : "read otherwise";
}

function mutated(octets: Buffer, random: Random): Buffer {
  let text = octets.toString("latin1");
  for (let n = below(4, random); n >= 0; n--) {
    const at = below(text.length + 1, random);
    const kind = random();
    if (kind < 0.25) text = text.slice(0, at) + String.fromCharCode(below(256, random)) + text.slice(at + 1);
    else if (kind < 0.65) text = text.slice(0, at) + pieces[below(pieces.length, random)]! + text.slice(at);
    else if (kind < 0.75) text = text.slice(0, at) + text.slice(at + 1 + below(8, random));
    else if (kind < 0.8) text = text.slice(0, at);
    else text = insertLine(text, random);
  }
  return Buffer.from(text, "latin1");
}

/** Another field among the fields: mutations at random hit the framing too seldom. */
function insertLine(text: string, random: Random): string {
  const ends = [...text.matchAll(/\r\n/g)].map((match) => match.index + 2);
  const at = ends[below(ends.length, random)] ?? 0;
  return text.slice(0, at) + pieces[below(pieces.length, random)]! + text.slice(at);
}

function noise(random: Random): Buffer {
  const start = random() < 0.7 ? "HTTP/1.1 200 OK\r\n" : "";
  const parts = Array.from({ length: below(12, random) }, () => pieces[below(pieces.length, random)]!);
  return Buffer.from(start + parts.join(""), "latin1");
}

const below = (limit: number, random: Random): number => Math.floor(random() * limit);
