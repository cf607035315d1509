/** Mutates conversations of a server and checks what every reading of them must keep, however they are cut. */

import { seededRandom } from "../../../src/random.ts";
import type { Random } from "../../../src/random.ts";
import { field, frame, numbers, ok, settings, status200 } from "../../servers/http2-raw.ts";
import { inMemory } from "./in-memory.ts";

const requests = [0, 1, 2, 3];

/** The frames of servers that do right: the whole variety of legal ones, on the streams of four requests. */
const conversations: readonly (readonly Buffer[])[] = [
  [settings(), frame(4, 1, 0), ok(1), ok(3), ok(5), ok(7)],
  [
    settings({ 3: 100, 4: 1 << 20 }),
    frame(8, 0, 0, numbers(1 << 20)),
    frame(1, 4, 3, Buffer.concat([Buffer.from([0x20]), status200, field("x-envoy-worker", "worker_2")])),
    frame(1, 4, 1, field(":status", "103")),
    frame(0, 0, 3, Buffer.alloc(300, 1)),
    frame(1, 0x2c, 1, [2, 0, 0, 0, 3, 16, 0x8d, 0, 0]),
    frame(0, 8, 1, [4, 1, 0, 0, 0, 0]),
    frame(6, 0, 0, Buffer.from("12345678")),
    frame(0, 1, 3),
    frame(0x42, 7, 5, Buffer.alloc(20)),
    frame(1, 0, 5, field(":status", "418")),
    frame(9, 4, 5, field("a", "b")),
    frame(1, 5, 5, field("x-checksum", "1")),
    frame(0, 9, 1, [0]),
    frame(3, 0, 7, numbers(2)),
  ],
  [
    settings({ 3: 2 }),
    frame(1, 4, 1, status200),
    frame(7, 0, 0, numbers(3, 0)),
    frame(0, 1, 1, [1, 2, 3]),
    ok(3),
  ],
];

/** How the conversations ended. */
export interface FuzzEnds {
  /** The server broke the protocol. */
  broken: number;
  /** It did not, and every request has ended. */
  ended: number;
  /** It did not, and some request still waits. */
  open: number;
}

/** @throws at the first conversation that breaks a rule, with its octets. */
export function fuzzFrames({ seed, count }: { seed: number; count: number }): FuzzEnds {
  const random = seededRandom(seed, "fuzz-frames");
  const ends: FuzzEnds = { broken: 0, ended: 0, open: 0 };
  for (let i = 0; i < count; i++) {
    const octets =
      i % 20 === 0 ? noise(random) : mutated(conversations[below(conversations.length, random)]!, random);
    const cuts = Array.from({ length: below(6, random) }, () => below(octets.length, random)).sort(
      (a, b) => a - b,
    );
    try {
      ends[read(octets, cuts)]++;
    } catch (error) {
      throw new Error(JSON.stringify({ i, seed, cuts, octets: octets.toString("hex") }), { cause: error });
    }
  }
  return ends;
}

function read(octets: Buffer, cuts: readonly number[]): keyof FuzzEnds {
  const [told, left, sent] = readInParts(octets, []);
  const [toldInParts, leftInParts, sentInParts] = readInParts(octets, cuts);
  if (told.join() !== toldInParts.join() || left.join() !== leftInParts.join())
    throw new Error("the cuts matter");
  if (!sent.equals(sentInParts)) throw new Error("the cuts matter to what is sent");
  const ended = told.flatMap((line) => /^(?:completed|failed) (\d)/.exec(line)?.[1] ?? []).map(Number);
  // Each request ends once, or is still known and can be given up.
  if ([...ended, ...left].sort().join() !== requests.join()) throw new Error(`ended ${ended}, left ${left}`);
  const broken = told.findIndex((line) => line.startsWith("broken"));
  if (broken >= 0 && broken !== told.length - 1) throw new Error("something was read after the fault");
  // A fault is told to the server too (RFC 9113 §5.4.1), and nothing grows without bounds.
  if (broken >= 0 && sent.length < 17) throw new Error("no GOAWAY");
  if (sent.length > 17 * octets.length + 200)
    throw new Error(`${sent.length} octets sent for ${octets.length}`);
  if (broken >= 0) return "broken";
  return left.length === 0 ? "ended" : "open";
}

function readInParts(
  octets: Buffer,
  cuts: readonly number[],
): [told: readonly string[], left: readonly number[], sent: Buffer] {
  const connection = inMemory();
  connection.send(...requests);
  connection.sent();
  connection.receive(octets, cuts);
  const sent = connection.sent();
  return [connection.told, connection.session.close(), sent];
}

function mutated(frames: readonly Buffer[], random: Random): Buffer {
  const list = [...frames];
  for (let n = below(3, random); n > 0; n--) {
    const at = below(list.length, random);
    const kind = random();
    if (kind < 0.35) list.splice(at, 0, anyFrame(random));
    else if (kind < 0.55) list.splice(at, 0, list[below(list.length, random)]!);
    else if (kind < 0.75) list.splice(at, 1);
    else list[at] = withFlags(list[at] ?? settings(), random);
  }
  const octets = Buffer.concat(list);
  for (let n = below(3, random); n > 0 && octets.length > 0; n--)
    octets[below(octets.length, random)] = below(256, random);
  return random() < 0.1 ? octets.subarray(0, below(octets.length + 1, random)) : octets;
}

function withFlags(octets: Buffer, random: Random): Buffer {
  const changed = Buffer.from(octets);
  changed[4]! ^= 1 << below(8, random);
  return changed;
}

/** Of a known type mostly, and of a size that often fits it. */
function anyFrame(random: Random): Buffer {
  const sizes = [0, 1, 4, 5, 6, 8, below(40, random)];
  const payload = Buffer.from(
    Array.from({ length: sizes[below(sizes.length, random)]! }, () => below(256, random)),
  );
  return frame(below(11, random), below(64, random), below(10, random), payload);
}

/** Frames of any kind, or octets of none, after SETTINGS mostly. */
function noise(random: Random): Buffer {
  const start = random() < 0.7 ? settings() : Buffer.alloc(0);
  const rest =
    random() < 0.5
      ? Buffer.concat(Array.from({ length: below(10, random) }, () => anyFrame(random)))
      : Buffer.from(Array.from({ length: below(200, random) }, () => below(256, random)));
  return Buffer.concat([start, rest]);
}

const below = (limit: number, random: Random): number => Math.floor(random() * limit);
