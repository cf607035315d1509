/** The frames that begin a request, with room for the number of its stream, and for a UUID where the request has one. */

import { uuidLength } from "../uuid.ts";
import {
  CONTINUATION,
  END_HEADERS,
  END_STREAM,
  HEADERS,
  frame,
  frameHeaderSize,
  frameSizeLimit,
} from "./frames.ts";

export interface RequestTemplate {
  readonly bytes: Buffer;
  /** Where the number of the stream goes, four octets each. */
  readonly streamIdAt: readonly number[];
  readonly uuid: readonly UuidPiece[];
}

/** Octets `[from, to)` of a UUID, and where they go: a frame may end amid it. */
interface UuidPiece {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

// RFC 7541 §4.2, §6.3: a table of size 0, said once and whatever size the server allows.
const noTable = Buffer.from([0x20]);

/** The same request, first on its connection and later on it. `endStream`: no body follows; `uuidAt`: as in the block. */
export function requestTemplates(
  block: Buffer,
  endStream: boolean,
  uuidAt: readonly number[] = [],
): { first: RequestTemplate; next: RequestTemplate } {
  const later = uuidAt.map((at) => at + noTable.length);
  return {
    first: template(Buffer.concat([noTable, block]), endStream, later),
    next: template(block, endStream, uuidAt),
  };
}

function template(block: Buffer, endStream: boolean, uuidAt: readonly number[]): RequestTemplate {
  const frames: Buffer[] = [];
  const streamIdAt: number[] = [];
  for (let at = 0; at === 0 || at < block.length; at += frameSizeLimit) {
    const type = at === 0 ? HEADERS : CONTINUATION;
    const ends = at + frameSizeLimit >= block.length ? END_HEADERS : 0;
    const flags = ends | (type === HEADERS && endStream ? END_STREAM : 0);
    streamIdAt.push(at + frames.length * frameHeaderSize + 5);
    frames.push(frame({ type, flags, streamId: 0 }, block.subarray(at, at + frameSizeLimit)));
  }
  return { bytes: Buffer.concat(frames), streamIdAt, uuid: uuidAt.flatMap(piecesOf) };
}

function piecesOf(start: number): UuidPiece[] {
  const pieces: UuidPiece[] = [];
  for (let from = 0, to = 0; from < uuidLength; from = to) {
    const at = start + from;
    to = Math.min(uuidLength, from + frameSizeLimit - (at % frameSizeLimit));
    pieces.push({ at: at + (Math.floor(at / frameSizeLimit) + 1) * frameHeaderSize, from, to });
  }
  return pieces;
}
