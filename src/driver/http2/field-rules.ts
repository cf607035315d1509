/** What a field of a response may not be in HTTP/2 (RFC 9113 §8.2). No allocation: octets in, yes or no out. */

import { tokenLower } from "../http1/token-lower.ts";

const COLON = 0x3a;
const SP = 0x20;
const HTAB = 0x09;

/** They speak of a connection of HTTP/1.1, and make a message of HTTP/2 malformed (RFC 9113 §8.2.2). */
const connectionFields = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"].map(
  (name) => Buffer.from(name),
);

/** A name in lower case that is no pseudo-header and not of the connection. */
export function isFieldName(octets: Uint8Array, length: number): boolean {
  if (length === 0) return false;
  for (let i = 0; i < length; i++) if (tokenLower[octets[i]!] !== octets[i] || octets[i] === 0) return false;
  for (const name of connectionFields) if (equals(octets, length, name)) return false;
  return true;
}

/** A value without CR, LF and NUL, and without white space at its ends. */
export function isFieldValue(octets: Uint8Array, start: number, end: number): boolean {
  if (start === end) return true;
  if (isSpace(octets[start]!) || isSpace(octets[end - 1]!)) return false;
  for (let i = start; i < end; i++) {
    const octet = octets[i]!;
    if (octet === 0 || octet === 0x0a || octet === 0x0d) return false;
  }
  return true;
}

export const isPseudo = (octets: Uint8Array, length: number): boolean => length > 0 && octets[0] === COLON;

export function equals(octets: Uint8Array, length: number, name: Uint8Array): boolean {
  if (length !== name.length) return false;
  for (let i = 0; i < length; i++) if (octets[i] !== name[i]) return false;
  return true;
}

const isSpace = (octet: number): boolean => octet === SP || octet === HTAB;
