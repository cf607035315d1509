/** Servers that do wrong, and what becomes of 40 requests on 4 connections to them. */

import * as behaviours from "../servers/behaviours.ts";
import type { Behaviour } from "../servers/start-server.ts";

/** By the fast client; by the standard one where that is another. */
export const wrongServers: [
  what: string,
  behaviour: Behaviour,
  fast: Readonly<Record<string, number>>,
  standard?: Readonly<Record<string, number>>,
][] = [
  // 4 connections, 40 requests: what waits behind a request that never ends is still due, and still counted.
  ["never answers", behaviours.neverAnswers, { timeout: 40 }],
  ["answers half", behaviours.answersHalf, { timeout: 40 }],
  ["answers half the header", behaviours.answersHalfTheHeader, { timeout: 40 }],
  ["says too long a length", behaviours.contentLengthTooLong, { timeout: 40 }],
  ["resets on request", behaviours.resetsOnRequest, { reset: 40 }],
  ["resets mid-header", behaviours.resetsMidHeader, { reset: 40 }],
  ["resets mid-body", behaviours.resetsMidBody, { reset: 40 }],
  ["closes mid-body", behaviours.closesMidBody, { "closed-early": 40 }],
  ["closes without an answer", behaviours.closesWithoutAnswer, { "closed-early": 40 }],
  ["closes between requests", behaviours.closesBetweenRequests, { 200: 40 }],
  ["ends its body by closing", behaviours.closeDelimited, { 200: 40 }],
  ["answers twice", behaviours.unaskedAfterResponse, { 200: 40 }],
  ["says too short a length", behaviours.contentLengthTooShort, { 200: 40 }],
  ["says a negative length", behaviours.contentLengthNegative, { protocol: 40 }],
  ["says two lengths", behaviours.contentLengthTwice, { protocol: 40 }],
  ["sends a chunk of 2^64", behaviours.chunkSizeTooLarge, { protocol: 40 }],
  ["sends 1 MB of header", behaviours.hugeHeader, { protocol: 40 }],
  ["speaks HTTP/0.9", behaviours.http09, { protocol: 40 }],
  ["speaks garbage", behaviours.garbage, { protocol: 40 }],
  // llhttp takes none.
  ["ends lines in LF alone", behaviours.lineFeedOnly, { 200: 40 }, { protocol: 40 }],
];
