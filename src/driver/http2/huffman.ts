/** The Huffman code of HPACK (RFC 7541 §5.2, appendix B). It is canonical: the lengths of its codes are all there is to it. */

const EOS = 256;
const longest = 30;

/** Length of each symbol's code, as runs `length` or `length x times`. */
const lengths =
  "13 23 28x7 24 30 28x2 30 28x8 30 28x9 6 10x2 12 13 6 8 11 10x2 8 11 8 6x3 5x3 6x7 7 8 15 6 12 10 13 6 7x22 8 7 8 13 19 " +
  "13 14 6 15 5 6 5 6 5 6x3 5 7x2 6x3 5 6 7 6 5x2 6 7x5 15 11 14 13 28 20 22 20x2 22x3 23 22 23x5 24 23 24x2 22 23 24 23x4 " +
  "21 22 23 22 23x2 24 22 21 20 22x2 23x2 21 23 22x2 24 21 22 23x2 21x2 22 21 23 22 23x2 20 22x3 23 22x2 23 26x2 20 19 22 23 " +
  "22 25 26x3 27x2 26 24 25 19 21 26 27x2 26 27 24 21x2 26x2 28 27x3 20 24 20 21 22 21x2 23 22x2 25x2 24x2 26 23 26 27 26x2 " +
  "27x5 28 27x5 26 30";

interface Code {
  /** Symbols by code. */
  readonly symbols: Uint16Array;
  /** Of each length: the first code, how many there are, and the place of the first in `symbols`. */
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly offset: Int32Array;
}

const code = canonicalCode(
  lengths.split(" ").flatMap((run) => {
    const [length, times = 1] = run.split("x").map(Number);
    return Array<number>(times).fill(length!);
  }),
);

function canonicalCode(lengthOf: readonly number[]): Code {
  const first = new Int32Array(longest + 1);
  const count = new Int32Array(longest + 1);
  const offset = new Int32Array(longest + 1);
  for (const length of lengthOf) count[length]!++;
  for (let length = 1; length <= longest; length++) {
    first[length] = (first[length - 1]! + count[length - 1]!) * 2;
    offset[length] = offset[length - 1]! + count[length - 1]!;
  }
  const symbols = Uint16Array.from(lengthOf.keys()).sort((a, b) => lengthOf[a]! - lengthOf[b]! || a - b);
  return { symbols, first, count, offset };
}

/**
 * Decodes `[start, end)` into `to` and returns how many octets that makes; −1 where the code is broken, −2 where `to`
 * has no room for them.
 */
export function decodeHuffman(from: Uint8Array, start: number, end: number, to: Uint8Array): number {
  let written = 0;
  let bits = 0;
  let length = 0;
  for (let at = start; at < end; at++) {
    for (let shift = 7; shift >= 0; shift--) {
      bits = (bits << 1) | ((from[at]! >> shift) & 1);
      length++;
      const place = bits - code.first[length]!;
      if (place >= 0 && place < code.count[length]!) {
        const symbol = code.symbols[code.offset[length]! + place]!;
        if (symbol === EOS) return -1;
        if (written === to.length) return -2;
        to[written++] = symbol;
        bits = 0;
        length = 0;
      } else if (length === longest) return -1;
    }
  }
  // Padding: fewer than eight bits, the first ones of EOS, which are ones.
  return length < 8 && bits === (1 << length) - 1 ? written : -1;
}
