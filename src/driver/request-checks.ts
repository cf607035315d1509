/** What no request may have, whatever the version of HTTP that carries it. */

import { MeshLoadError } from "../errors.ts";
import { tokenLower } from "./http1/token-lower.ts";

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
  /** HTTP/1.0 keeps a connection only where both sides say so (RFC 9112 §9.3). */
  readonly http10?: boolean;
}

const methodsWithBody = new Set(["POST", "PUT", "PATCH"]);

/** @throws MeshLoadError FLAG_INVALID where a part could end its line or is no token, or the framing is not the body's. */
export function checkRequest({ method, path, host, headers, body }: RequestParts): void {
  if (!isToken(method))
    throw invalid(`The method ${quote(method)} is not a token`, "Use for example -X POST.");
  if (path === "" || path.includes(" ") || hasControl(path))
    throw invalid(
      `The path ${quote(path)} cannot stand in a request line`,
      "Percent-encode spaces and controls.",
    );
  checkFraming(headers, body);
  checkField("host", headers.find(([name]) => name.toLowerCase() === "host")?.[1] ?? host);
  for (const [name, value] of headers) checkField(name, value);
}

/** The `content-length` to add: also that of an empty body, where the method has one (RFC 9110 §8.6). */
export function contentLength({ method, body }: RequestParts): number | null {
  return body !== null || methodsWithBody.has(method) ? (body?.length ?? 0) : null;
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

function checkField(name: string, value: string): void {
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
}

function isToken(text: string): boolean {
  return text !== "" && [...Buffer.from(text)].every((octet) => tokenLower[octet] !== 0);
}

const hasControl = (text: string): boolean => /\p{Cc}/u.test(text);

const quote = (text: string): string => JSON.stringify(text);

const invalid = (message: string, hint: string): MeshLoadError =>
  new MeshLoadError("FLAG_INVALID", message, { hint });
