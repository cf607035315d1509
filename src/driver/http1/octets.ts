/** Octets of HTTP/1.1 by name, and the set of characters a token may have. */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const ZERO = 0x30;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;

/** Octet → the same in lower case where a token may have it (`tchar`, RFC 9110 §5.6.2), else 0. */
export const tokenLower: Uint8Array = tokenTable();

function tokenTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (const octet of Buffer.from("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"))
    table[octet] = octet;
  for (const octet of Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) table[octet] = octet + 0x20;
  return table;
}
