/** The header block of the request, built once and written many times. */

import { checkRequest, contentLength } from "../request-checks.ts";
import type { RequestParts } from "../request-checks.ts";
import { staticNames } from "./static-table.ts";

/** Fields of a connection of HTTP/1.1 (RFC 9113 §8.2.2), and those that are pseudo-headers here. */
const dropped = new Set(["connection", "keep-alive", "proxy-connection", "upgrade", "host", "te"]);

/**
 * The fields of a request in HPACK (RFC 7541), as literals that no table keeps: the block means the same however often
 * it is sent. `:authority` is the `host` given, otherwise that of the URL.
 *
 * @throws MeshLoadError FLAG_INVALID as for HTTP/1.1
 */
export function headerBlock(parts: RequestParts, scheme: "http" | "https"): Buffer {
  checkRequest(parts);
  const { method, path, host, headers } = parts;
  const given = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  const length = contentLength(parts);
  const fields: [name: string, value: string][] = [
    [":method", method],
    [":scheme", scheme],
    [":authority", given.get("host") ?? host],
    [":path", path],
  ];
  if (!given.has("user-agent")) fields.push(["user-agent", "mesh-load"]);
  if (!given.has("content-length") && length !== null) fields.push(["content-length", String(length)]);
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    // RFC 9113 §8.2.2: `te` may say this alone.
    const kept = lower === "te" ? value.trim().toLowerCase() === "trailers" : !dropped.has(lower);
    if (kept && (lower !== "user-agent" || value !== "")) fields.push([lower, value.trim()]);
  }
  return Buffer.concat(fields.flatMap(([name, value]) => literal(name, value)));
}

// RFC 7541 §6.2.2: a literal without indexing, its name by index where the static table has it.
function literal(name: string, value: string): Buffer[] {
  const index = name === "" ? 0 : Math.max(0, staticNames.indexOf(name));
  const head = integer(index, 0x0f);
  return index > 0 ? [head, ...string(value)] : [head, ...string(name), ...string(value)];
}

function string(text: string): Buffer[] {
  const octets = Buffer.from(text);
  return [integer(octets.length, 0x7f), octets];
}

// RFC 7541 §5.1, with the bits before the prefix 0.
function integer(value: number, prefix: number): Buffer {
  if (value < prefix) return Buffer.from([value]);
  const octets = [prefix];
  let rest = value - prefix;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) | 0x80);
  return Buffer.from([...octets, rest]);
}
