/** The frames that begin a request, with room for the number of its stream. */

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
}

// RFC 7541 §4.2, §6.3: a table of size 0, said once and whatever size the server allows.
const noTable = Buffer.from([0x20]);

/** The same request, first on its connection and later on it. `endStream`: no body follows. */
export function requestTemplates(
  block: Buffer,
  endStream: boolean,
): { first: RequestTemplate; next: RequestTemplate } {
  return { first: template(Buffer.concat([noTable, block]), endStream), next: template(block, endStream) };
}

function template(block: Buffer, endStream: boolean): RequestTemplate {
  const frames: Buffer[] = [];
  const streamIdAt: number[] = [];
  for (let at = 0; at === 0 || at < block.length; at += frameSizeLimit) {
    const type = at === 0 ? HEADERS : CONTINUATION;
    const ends = at + frameSizeLimit >= block.length ? END_HEADERS : 0;
    const flags = ends | (type === HEADERS && endStream ? END_STREAM : 0);
    streamIdAt.push(at + frames.length * frameHeaderSize + 5);
    frames.push(frame({ type, flags, streamId: 0 }, block.subarray(at, at + frameSizeLimit)));
  }
  return { bytes: Buffer.concat(frames), streamIdAt };
}
