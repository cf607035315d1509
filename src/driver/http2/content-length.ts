/**
 * The content-length that a header block says. Hot path: a walk over its representations (RFC 7541 §6) that looks at
 * names alone and allocates nothing.
 */

import { decodeHuffman } from "./huffman.ts";

/** The field is there, and is no length. */
export const malformedLength = -1;

/** The block does not end where its last representation does. */
export const brokenBlock = -2;

const staticIndex = 28;
const plainName = Buffer.from("content-length");
/** The one way to write it in the Huffman code. */
const huffmanName = Buffer.from("21ea496a4ad416a9933f", "hex");
const ZERO = 0x30;

/** More digits than any length has. */
const digitRoom = Buffer.alloc(32);

/** Where the walk is; beyond the end of a broken block. */
let next = 0;

/** Octets of content that the block in `[start, end)` announces; Infinity where it says nothing of them. */
export function contentLengthOf(buffer: Buffer, start: number, end: number): number {
  let found = Infinity;
  next = start;
  while (next < end) {
    const octet = buffer[next]!;
    if (octet & 0x80) {
      // An indexed content-length has an empty value.
      if (integer(buffer, end, 0x7f) === staticIndex) found = malformedLength;
    } else if ((octet & 0xe0) === 0x20) integer(buffer, end, 0x1f);
    else {
      const index = integer(buffer, end, octet & 0x40 ? 0x3f : 0x0f);
      const wanted = index === 0 ? isName(buffer, end) : index === staticIndex;
      const huffman = next < end && (buffer[next]! & 0x80) !== 0;
      const length = integer(buffer, end, 0x7f);
      const from = next;
      next += length;
      // RFC 9110 §8.6: the same number several times counts as one.
      if (wanted && next <= end) found = both(found, value(buffer, from, next, huffman));
    }
  }
  return next === end ? found : brokenBlock;
}

function isName(buffer: Buffer, end: number): boolean {
  const name = next < end && buffer[next]! & 0x80 ? huffmanName : plainName;
  const length = integer(buffer, end, 0x7f);
  const from = next;
  next += length;
  if (length !== name.length || next > end) return false;
  for (let i = 0; i < length; i++) if (buffer[from + i] !== name[i]) return false;
  return true;
}

function value(buffer: Buffer, start: number, end: number, huffman: boolean): number {
  if (!huffman) return digits(buffer, start, end);
  return digits(digitRoom, 0, decodeHuffman(buffer, start, end, digitRoom));
}

function digits(octets: Buffer, start: number, end: number): number {
  if (end <= start) return malformedLength;
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = octets[at]! - ZERO;
    if (digit < 0 || digit > 9) return malformedLength;
    number = number * 10 + digit;
  }
  return number <= Number.MAX_SAFE_INTEGER ? number : malformedLength;
}

const both = (found: number, length: number): number =>
  found === Infinity || found === length ? length : malformedLength;

// RFC 7541 §5.1, as far as the decoder reads it.
function integer(buffer: Buffer, end: number, prefix: number): number {
  if (next >= end) return broken();
  let number = buffer[next++]! & prefix;
  if (number < prefix) return number;
  for (let shift = 0; shift <= 21 && next < end; shift += 7) {
    const octet = buffer[next++]!;
    number += (octet & 0x7f) << shift;
    if ((octet & 0x80) === 0) return number;
  }
  return broken();
}

function broken(): 0 {
  next = Infinity;
  return 0;
}
