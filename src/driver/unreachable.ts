/** No connection of the opening burst came about: why, and what to do. */

import { MeshLoadError } from "../errors.ts";

interface Failure {
  readonly reason: string;
  /** In the system's words; empty where there are none. */
  readonly message: string;
}

export function unreachable(url: string, failures: readonly Failure[]): MeshLoadError {
  const reasons = [...new Set(failures.map(({ reason, message }) => message || reason))];
  return new MeshLoadError(
    "TARGET_UNREACHABLE",
    `no connection to ${url} could be opened: ${reasons.join("; ")}`,
    { hint: failures.every(({ reason }) => reason === "tls") ? tlsHint(reasons.join()) : listenHint },
  );
}

const listenHint = "Is the server listening there? `mesh-load run` without a URL starts an Envoy of its own.";

function tlsHint(reasons: string): string {
  if (/\(ALPN\)|application protocol/.test(reasons))
    return "Leave -h2 out for HTTP/1.1, or let the server negotiate h2.";
  if (/alert.*certificate/.test(reasons))
    return "The server wants a client's certificate: -cert FILE -key FILE.";
  if (/certificate|altnames/.test(reasons))
    return "-cacert FILE trusts the authority in it, -sni NAME verifies another name, -k takes any certificate.";
  return "Does the server speak TLS on this port, in version 1.2 or 1.3?";
}
