/** The bytes of a request, built once and written many times. */

import { MeshLoadError } from "../../errors.ts";
import { tokenLower } from "./token-lower.ts";

export interface RequestParts {
  readonly method: string;
  /** Path and query as they go on the wire. */
  readonly path: string;
  /** Host and port, as in the URL. */
  readonly host: string;
  /** In order; `host` and `user-agent` replace ours, an empty `user-agent` sends none. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | null;
  readonly keepalive: boolean;
}

const methodsWithBody = new Set(["POST", "PUT", "PATCH"]);

/**
 * A whole HTTP/1.1 request (RFC 9112 §3): `host` first, then what the framing needs, then the headers given.
 *
 * @throws MeshLoadError FLAG_INVALID where a part could end its line or is no token: such a request would be two.
 */
export function requestBytes({ method, path, host, headers, body, keepalive }: RequestParts): Buffer {
  if (!isToken(method))
    throw invalid(`The method ${quote(method)} is not a token`, "Use for example -X POST.");
  if (path === "" || path.includes(" ") || hasControl(path))
    throw invalid(
      `The path ${quote(path)} cannot stand in a request line`,
      "Percent-encode spaces and controls.",
    );
  checkFraming(headers, body);
  const given = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  const closes = /(^|,)\s*close\s*(,|$)/i.test(given.get("connection") ?? "");
  let head = `${method} ${path} HTTP/1.1\r\n${fieldLine("host", given.get("host") ?? host)}`;
  if (!given.has("user-agent")) head += fieldLine("user-agent", "mesh-load");
  if (!keepalive && !closes) head += fieldLine("connection", "close");
  if (!given.has("content-length") && (body !== null || methodsWithBody.has(method)))
    head += fieldLine("content-length", String(body?.length ?? 0));
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower !== "host" && (lower !== "user-agent" || value !== "")) head += fieldLine(name, value);
  }
  const bytes = Buffer.from(`${head}\r\n`);
  return body === null ? bytes : Buffer.concat([bytes, body]);
}

/** A length that is not the body's, or a coding that is not applied, makes the server see another request. */
function checkFraming(headers: RequestParts["headers"], body: Buffer | null): void {
  const length = body?.length ?? 0;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower === "transfer-encoding")
      throw invalid(
        `The header ${quote(name)} cannot be given`,
        "The body is sent as it is, with its content-length.",
      );
    if (lower === "content-length" && value.trim() !== String(length))
      throw invalid(
        `The header "${name}: ${value}" disagrees with the body of ${length} bytes`,
        "Leave it out: it is added.",
      );
  }
}

function fieldLine(name: string, value: string): string {
  if (!isToken(name))
    throw invalid(
      `The header name ${quote(name)} is not a token`,
      "A name has letters, digits and !#$%&'*+-.^_`|~ only.",
    );
  // RFC 9110 §5.5: CR, LF and NUL in a value are dangerous, the other controls but HTAB are invalid.
  if (hasControl(value.replaceAll("\t", " ")))
    throw invalid(
      `The value of the header ${name} has a control character`,
      "Remove it; a value is one line.",
    );
  return `${name}: ${value}\r\n`;
}

function isToken(text: string): boolean {
  return text !== "" && [...Buffer.from(text)].every((octet) => tokenLower[octet] !== 0);
}

const hasControl = (text: string): boolean => /\p{Cc}/u.test(text);

const quote = (text: string): string => JSON.stringify(text);

const invalid = (message: string, hint: string): MeshLoadError =>
  new MeshLoadError("FLAG_INVALID", message, { hint });
