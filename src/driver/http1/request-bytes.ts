/** The bytes of a request, built once and written many times. */

import { checkRequest, contentLength } from "../request-checks.ts";
import type { RequestParts } from "../request-checks.ts";

/**
 * A whole HTTP/1.1 request (RFC 9112 §3): `host` first, then what the framing needs, then the headers given.
 *
 * @throws MeshLoadError FLAG_INVALID where a part could end its line or is no token: such a request would be two.
 */
export function requestBytes(parts: RequestParts): Buffer {
  checkRequest(parts);
  const { method, path, host, headers, body, keepalive, http10 = false } = parts;
  const given = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  const closes = /(^|,)\s*close\s*(,|$)/i.test(given.get("connection") ?? "");
  const length = contentLength(parts);
  let head = `${method} ${path} HTTP/1.${http10 ? 0 : 1}\r\n${fieldLine("host", given.get("host") ?? host)}`;
  if (!given.has("user-agent")) head += fieldLine("user-agent", "mesh-load");
  if (keepalive && http10) head += fieldLine("connection", "keep-alive");
  if (!keepalive && !closes) head += fieldLine("connection", "close");
  if (!given.has("content-length") && length !== null) head += fieldLine("content-length", String(length));
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower !== "host" && (lower !== "user-agent" || value !== "")) head += fieldLine(name, value);
  }
  const bytes = Buffer.from(`${head}\r\n`);
  return body === null ? bytes : Buffer.concat([bytes, body]);
}

const fieldLine = (name: string, value: string): string => `${name}: ${value}\r\n`;
