/** What every request says: method, headers and body, with Fortio's rules for the defaults. */

import { seededRandom } from "../random.ts";
import { demand, impossible } from "./impossible.ts";
import type { RequestPlan } from "./plan.ts";
import type { RequestProfile } from "./profile.ts";

// RFC 9110 §5.6.2
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What HTTP takes for a method or a header name. */
export const isToken = (text: string): boolean => token.test(text);

/** What the driver writes itself; a second one would make the request ambiguous (RFC 9112 §6.3, §9.6). */
const ownHeaders: Readonly<Record<string, string>> = {
  connection: "Use -keepalive=false to close after each response.",
  "content-length": "It is computed from the payload.",
  "transfer-encoding": "The payload is sent whole, with its length.",
  "keep-alive": "Use -keepalive.",
  upgrade: "Upgrades are not supported.",
};

/**
 * As Fortio: a payload or a content type makes it a POST, and a payload without a type is `application/octet-stream`.
 * `seed` draws the bytes of a `payloadSize`.
 *
 * @throws MeshLoadError PLAN_IMPOSSIBLE
 */
export function resolveRequest(request: RequestProfile, seed: number): RequestPlan {
  const headers = headersOf(request);
  const body = bodyOf(request, seed);
  const typed = headers.some(([name]) => name.toLowerCase() === "content-type");
  if (body !== null && !typed) headers.push(["content-type", "application/octet-stream"]);
  const method = request.method ?? (body !== null || typed ? "POST" : "GET");
  demand(
    isToken(method),
    `-X ${JSON.stringify(method)} is no HTTP method`,
    "Write -X GET, -X PUT and the like.",
  );
  demand(method !== "CONNECT", "-X CONNECT opens a tunnel, not a request", "Use another method.");
  return { method, headers, body };
}

function headersOf({ headers = {} }: RequestProfile): [string, string][] {
  return Object.entries(headers).flatMap(([name, values]) => {
    const own = ownHeaders[name.toLowerCase()];
    if (own !== undefined) throw impossible(`-H ${name}: mesh-load writes this header itself`, own);
    demand(isToken(name), `-H ${JSON.stringify(name)} is no header name`, 'Write -H "Name: value".');
    return [values].flat().map((value): [string, string] => {
      // RFC 9110 §5.5, and no secrets in the message.
      // oxlint-disable-next-line no-control-regex
      const visible = /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
      demand(visible, `-H ${name}: the value has characters that no header can carry`, "Encode them first.");
      return [name, value];
    });
  });
}

function bodyOf({ payload, payloadBase64, payloadSize }: RequestProfile, seed: number): string | null {
  const given = [payload, payloadBase64, payloadSize].filter((source) => source !== undefined).length;
  demand(given <= 1, "-payload, -payload-file and -payload-size exclude one another", "Keep one of them.");
  if (payloadBase64 !== undefined) return payloadBase64 === "" ? null : payloadBase64;
  if (payload !== undefined) return payload === "" ? null : Buffer.from(payload).toString("base64");
  if (payloadSize === undefined || payloadSize === 0) return null;
  const inRange = Number.isInteger(payloadSize) && payloadSize > 0 && payloadSize <= 100 * 2 ** 20;
  demand(inRange, `-payload-size ${payloadSize} is out of range`, "Give 0 to 104857600 bytes.");
  const random = seededRandom(seed, "payload");
  return Buffer.from(Uint8Array.from({ length: payloadSize }, () => random() * 256)).toString("base64");
}
