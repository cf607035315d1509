/** TLS: what to trust, who to be, which name to ask for. */

import { isIP } from "node:net";
import { demand } from "./impossible.ts";
import type { TlsPlan } from "./plan.ts";
import type { TlsProfile } from "./profile.ts";

const flagOf = {
  insecure: "-k",
  cacert: "-cacert",
  cert: "-cert",
  key: "-key",
  serverName: "-sni",
  resume: "-tls-resume",
} as const satisfies Record<keyof TlsProfile, string>;

/**
 * `whose` TLS there is: that of the lab, of targets, or none at all.
 *
 * @throws MeshLoadError PLAN_IMPOSSIBLE, naming the flag
 */
export function resolveTls(tls: TlsProfile, whose: "lab" | "targets" | null): TlsPlan | null {
  const given = (Object.keys(tls) as (keyof TlsProfile)[]).map((key) => flagOf[key]);
  if (whose === null) {
    demand(
      given.length === 0,
      `${given.join(", ")}: for TLS only, and no target speaks it`,
      "Give a URL that begins with https://, or -tls for the lab.",
    );
    return null;
  }
  demand(
    whose !== "lab" || tls.cacert === undefined,
    `-cacert ${tls.cacert}: the lab's certificate is verified by the lab's own authority`,
    "Leave it out.",
  );
  demand(
    (tls.cert === undefined) === (tls.key === undefined),
    `${tls.cert === undefined ? "-key" : "-cert"} alone makes no client certificate`,
    "Give both -cert and -key.",
  );
  const { serverName } = tls;
  demand(
    serverName === undefined || isServerName(serverName),
    `-sni ${JSON.stringify(serverName)} is no host name`,
    "Write -sni www.example.com; an IP address is no server name (RFC 6066 §3).",
  );
  return {
    insecure: tls.insecure ?? false,
    cacert: tls.cacert ?? null,
    cert: tls.cert ?? null,
    key: tls.key ?? null,
    serverName: serverName ?? null,
    resume: tls.resume ?? false,
  };
}

function isServerName(name: string): boolean {
  return isIP(name) === 0 && /^(?=.{1,253}$)([a-z0-9_-]{1,63}(\.|$))+$/i.test(name);
}
