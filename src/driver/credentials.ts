/** The files that `-cacert`, `-cert` and `-key` name, read and tried before any connection is. */

import { readFileSync } from "node:fs";
import { createSecureContext, getCACertificates } from "node:tls";
import { getSystemErrorMessage } from "node:util";
import { MeshLoadError, messageOf } from "../errors.ts";
import type { TlsPlan } from "../plan/plan.ts";

/** All in PEM. It holds a secret: it goes to whoever connects, and nowhere else. */
export interface Credentials {
  /** Who may vouch for a server; none where nobody needs to. */
  readonly ca: readonly string[];
  readonly cert: string | null;
  readonly key: string | null;
}

/** @throws MeshLoadError FLAG_INVALID for a file that cannot be read or used, with nothing of its content */
export function readCredentials({ insecure, cacert, cert, key }: TlsPlan): Credentials {
  const credentials: Credentials = {
    ca: cacert === null ? (insecure ? [] : knownAuthorities()) : [read("-cacert", cacert)],
    cert: cert === null ? null : read("-cert", cert),
    key: key === null ? null : read("-key", key),
  };
  if (cacert !== null) attempt(`-cacert ${cacert}`, { ca: credentials.ca });
  if (cert !== null) attempt(`-cert ${cert}`, { cert: credentials.cert });
  if (key !== null) attempt(`-key ${key}`, { key: credentials.key });
  if (cert !== null)
    attempt(`-cert ${cert} and -key ${key}`, { cert: credentials.cert, key: credentials.key });
  return credentials;
}

/** What the system trusts and what Node trusts: servers inside a company are known to the first alone. */
function knownAuthorities(): string[] {
  return [...new Set([...getCACertificates("bundled"), ...getCACertificates("system")])];
}

function read(flag: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    const reason = errno === undefined ? messageOf(error) : getSystemErrorMessage(errno);
    throw new MeshLoadError("FLAG_INVALID", `${flag} ${path} cannot be read: ${reason}`, {
      hint: "Give the path of a PEM file.",
    });
  }
}

// OpenSSL's reasons ("no start line", "key values mismatch") quote nothing of what it read.
function attempt(what: string, parts: Partial<Credentials>): void {
  try {
    createSecureContext(contextOptions({ ca: [], cert: null, key: null, ...parts }));
    // Node takes a file of authorities that holds none.
    if (parts.ca?.every((text) => !text.includes("-----BEGIN CERTIFICATE-----")))
      throw new Error("no certificate in it");
  } catch (error) {
    const { reason, message } = error as Error & { reason?: string };
    throw new MeshLoadError("FLAG_INVALID", `${what} cannot be used: ${reason ?? message}`, {
      hint: "Give PEM files: a certificate with its chain, and the key of that certificate, not encrypted.",
    });
  }
}

/** As Node takes them. */
export function contextOptions({ ca, cert, key }: Credentials) {
  return {
    ...(ca.length === 0 ? {} : { ca: [...ca] }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  };
}
