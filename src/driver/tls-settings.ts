/** How a target's TLS is spoken: what the plan says, with the files that it names and the name in the URL. */

import { isIP } from "node:net";
import type { LoadPlan } from "../plan/plan.ts";
import { readCredentials } from "./credentials.ts";
import type { TlsSettings } from "./tls-client.ts";

/** @throws MeshLoadError FLAG_INVALID for a file that cannot be read or used */
export function tlsSettings(url: URL, load: LoadPlan): TlsSettings | null {
  const { tls } = load;
  if (tls === null || url.protocol !== "https:") return null;
  const { insecure, resume } = tls;
  const protocol = load.protocol === "h2" ? "h2" : "http/1.1";
  // The URL's host and not the Host header's, as Fortio and curl do.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const serverName = tls.serverName ?? (isIP(host) === 0 ? host : null);
  return { ...readCredentials(tls), insecure, resume, protocol, serverName, name: serverName ?? host };
}
