/** Characters of names and other tokens. */

/** Octet → the same in lower case where a token may have it (`tchar`, RFC 9110 §5.6.2), else 0. */
export const tokenLower: Uint8Array = tokenTable();

function tokenTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (const octet of Buffer.from("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"))
    table[octet] = octet;
  for (const octet of Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) table[octet] = octet + 0x20;
  return table;
}
