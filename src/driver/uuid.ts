/** `{uuid}` in a request: where it stands, and a fresh UUID of version 4 for each request (RFC 9562 §5.4). */

import { randomFillSync, randomUUID } from "node:crypto";
import type { RequestParts } from "./request-checks.ts";

const token = "{uuid}";
export const uuidLength = 36;

/** Holds the room in a built request. Drawn, so that nothing a user writes can look like it. */
const placeholder = randomUUID();

const encodedToken = /%7buuid%7d/gi;

type Parts = Pick<RequestParts, "path" | "headers" | "body">;

/** The parts with a UUID wherever they say `{uuid}`; in a URL's path it may be percent-encoded. */
export function replaceUuids<T extends Parts>(parts: T, uuid: string): T {
  const replace = (text: string): string => text.replaceAll(token, uuid);
  const { path, headers, body } = parts;
  return {
    ...parts,
    path: replace(path.replaceAll(encodedToken, token)),
    headers: headers.map(([name, value]) => [name, replace(value)] as const),
    body: body?.includes(token) ? Buffer.from(replace(body.toString("latin1")), "latin1") : body,
  };
}

export function hasUuids({ path, headers, body }: Parts): boolean {
  const texts = [path.replaceAll(encodedToken, token), ...headers.map(([, value]) => value)];
  return texts.some((text) => text.includes(token)) || body?.includes(token) === true;
}

/** The parts with room for a UUID wherever they say `{uuid}`. */
export const makeRoomForUuids = <T extends Parts>(parts: T): T => replaceUuids(parts, placeholder);

/** Where a built request has room for a UUID. */
export function uuidPlaces(bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(placeholder); at >= 0; at = bytes.indexOf(placeholder, at + uuidLength))
    places.push(at);
  return places;
}

/** Octets of random numbers drawn at once: a draw costs a microsecond whatever its size. */
const poolSize = 16 * 1024;
const digits = Buffer.from("0123456789abcdef");
const dash = 0x2d;

/** Hot path: nothing is allocated per UUID. */
export class UuidSource {
  /** The current UUID as text, overwritten by `next`. */
  readonly text = Buffer.alloc(uuidLength, dash);
  readonly #pool = Buffer.allocUnsafeSlow(poolSize);
  #at = poolSize;

  next(): void {
    const { text } = this;
    if (this.#at === poolSize) {
      randomFillSync(this.#pool);
      this.#at = 0;
    }
    const pool = this.#pool;
    pool[this.#at + 6] = (pool[this.#at + 6]! & 0x0f) | 0x40;
    pool[this.#at + 8] = (pool[this.#at + 8]! & 0x3f) | 0x80;
    let to = 0;
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) to++;
      const octet = pool[this.#at++]!;
      text[to++] = digits[octet >>> 4]!;
      text[to++] = digits[octet & 0x0f]!;
    }
  }

  /** Writes the current one there. */
  put(buffer: Buffer, at: number): void {
    for (let i = 0; i < uuidLength; i++) buffer[at + i] = this.text[i]!;
  }
}
