/** How TLS is spoken: what the plan says, with the files that it names, and for the target the name in the URL. */

import { isIP } from "node:net";
import type { LoadPlan, TlsPlan } from "../plan/plan.ts";
import { readCredentials } from "./credentials.ts";
import type { TlsSettings, TlsTrust } from "./tls-client.ts";

/** @throws MeshLoadError FLAG_INVALID for a file that cannot be read or used */
export function tlsSettings(url: URL, load: LoadPlan): TlsSettings | null {
  const { tls } = load;
  if (tls === null || url.protocol !== "https:") return null;
  const protocol = load.protocol === "h2" ? "h2" : "http/1.1";
  // The URL's host and not the Host header's, as Fortio and curl do.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const serverName = tls.serverName ?? (isIP(host) === 0 ? host : null);
  return { ...trustOf(tls), protocol, serverName, name: serverName ?? host };
}

/**
 * For where redirects lead, if they are followed. The client's certificate goes there too, to whoever asks for it, as
 * curl and Go's http.Client have it: it proves who we are and gives nothing away that could be used in our place.
 */
export function tlsTrustElsewhere({ tls, followRedirects }: LoadPlan): TlsTrust | null {
  return tls === null || !followRedirects ? null : trustOf(tls);
}

function trustOf(tls: TlsPlan): TlsTrust {
  const { insecure, resume } = tls;
  return { ...readCredentials(tls), insecure, resume };
}
