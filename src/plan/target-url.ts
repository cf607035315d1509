/** What a person gives to drive: `http://host:port/path`, `https://…`, or an Envoy's bootstrap; with `MODE=` for one listener of several. */

import { didYouMean } from "../nearest.ts";
import { impossible } from "./impossible.ts";
import { modes } from "./mode.ts";
import type { Mode } from "./mode.ts";
import type { TargetProfile } from "./profile.ts";

/**
 * Parses an argument of `run`.
 *
 * @example parseTarget("reuse_port=http://127.0.0.1:8082") // { mode: "reuse_port", url: "http://127.0.0.1:8082/" }
 * @throws MeshLoadError PLAN_IMPOSSIBLE
 */
export function parseTarget(text: string): TargetProfile {
  const pair = /^([^=:/?]*)=(.*)$/.exec(text);
  if (pair === null) return parsePlace(text);
  const [, mode = "", place = ""] = pair;
  return { mode: parseMode(mode), ...parsePlace(place) };
}

function parsePlace(text: string): TargetProfile {
  return bootstrapFile.test(text) ? { bootstrap: text } : { url: checkTargetUrl(text) };
}

/** The formats that Envoy tells from the file's name, where no scheme makes it a URL. */
const bootstrapFile = /^(?![a-z][a-z0-9+.-]*:\/\/).+\.(ya?ml|json)$/i;

/** @throws MeshLoadError PLAN_IMPOSSIBLE, with the nearest mode */
export function parseMode(text: string): Mode {
  const mode = modes.find((mode) => mode === text);
  if (mode !== undefined) return mode;
  throw impossible(
    `"${text}" is no listener mode: they are ${modes.join(", ")}`,
    didYouMean(text, modes) || "Write -modes default,reuse_port,exact_balance, or MODE=URL.",
  );
}

/** The URL in its normal form. Credentials belong into -user, where they are kept secret. */
export function checkTargetUrl(text: string): string {
  return restoreUuid(parseHttpUrl(text, text).href);
}

/** `{uuid}`, which a URL would have percent-encoded, as the user wrote it. */
export function restoreUuid(text: string): string {
  return text.replaceAll(/%7buuid%7d/gi, "{uuid}");
}

/** The admin address without a trailing slash; http:// or https://. `subject` is what messages call it. */
export function checkAdminUrl(text: string, subject = `-admin ${text}`): string {
  return parseHttpUrl(text, subject).href.replace(/\/+$/, "");
}

function parseHttpUrl(text: string, subject: string): URL {
  // Before any message that would repeat them.
  if (/^([a-z][a-z0-9+.-]*:)?\/*[^/?#]*@/i.test(text))
    throw impossible(
      "a URL must not carry a user or password",
      "Use -user NAME:PASSWORD, which is kept out of results.",
    );
  if (text === "") throw impossible("a URL is empty", "Write http://HOST:PORT/.");
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    // A slash may have been forgotten.
    const [begun, meant = "http"] = /^(?:(https?):\/)?\/*/i.exec(text)!;
    throw impossible(
      `${subject} has no scheme`,
      `Write ${meant.toLowerCase()}://${text.slice(begun.length)}`,
    );
  }
  if (scheme !== "http" && scheme !== "https")
    throw impossible(
      `${subject}: ${scheme}:// is no scheme that mesh-load speaks`,
      "Use http:// or https://.",
    );
  const url = URL.parse(text);
  if (url === null) throw impossible(`${subject} is not a valid URL`, "Write http://HOST:PORT/PATH.");
  if (url.port === "0")
    throw impossible(`${subject}: nothing listens on port 0`, "Give the listener's port.");
  url.hash = "";
  return url;
}
