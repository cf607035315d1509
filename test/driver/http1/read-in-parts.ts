/** Gives a parser the octets of one response in parts, as a socket would, and says how it ended. */

import { ResponseParser } from "../../../src/driver/http1/response-parser.ts";

export interface ReadOutcome {
  readonly complete: boolean;
  readonly error: string | null;
  readonly consumed: number;
  readonly status: number;
  readonly keepAlive: boolean;
  readonly worker: number;
  readonly bodyBytes: number;
}

export interface ReadOptions {
  readonly head?: boolean;
  /** Positions where the octets are cut; none = all at once. */
  readonly cuts?: readonly number[];
  /** The server closes after the octets. */
  readonly closed?: boolean;
  readonly parser?: ResponseParser;
}

export const workerHeader = "x-envoy-worker";

const octetsOf = (response: string | Buffer): Buffer =>
  typeof response === "string" ? Buffer.from(response, "latin1") : response;

/** @throws where the parser consumes more than it was given, or less without a reason. */
export function readInParts(response: string | Buffer, options: ReadOptions = {}): ReadOutcome {
  const octets = octetsOf(response);
  const { head = false, cuts = [], closed = false, parser = new ResponseParser({ workerHeader }) } = options;
  parser.expect(head);
  let consumed = 0;
  for (const end of [...cuts, octets.length]) {
    if (end <= consumed) continue;
    const given = end - consumed;
    const taken = parser.execute(octets, consumed, end);
    if (taken < 0 || taken > given) throw new Error(`consumed ${taken} of ${given}`);
    consumed += taken;
    if (parser.complete || parser.error !== null) break;
    if (taken < given) throw new Error(`stopped at ${consumed} of ${end} without a reason`);
  }
  if (closed) parser.finish();
  const { complete, error, status, keepAlive, worker, bodyBytes } = parser;
  return { complete, error, consumed, status, keepAlive, worker, bodyBytes };
}
