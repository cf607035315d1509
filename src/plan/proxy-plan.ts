/** Through which proxy a URL is asked for: the one given, or as the environment has it for Go's programs, Fortio too. */

import { BlockList, isIP } from "node:net";
import { demand } from "./impossible.ts";
import type { ProxyPlan } from "./plan.ts";

/** Never through a proxy of the environment, as in Go: most have no idea of what is on this machine. */
const loopback = ["localhost", "127.0.0.0/8", "::1"];

/** What HTTP_PROXY, HTTPS_PROXY and NO_PROXY say; `null` where they name none. Values may hold a password. */
export function environmentProxies(variables: {
  readonly http: string | undefined;
  readonly https: string | undefined;
  readonly except: string | undefined;
}): ProxyPlan | null {
  const http = variables.http ? checkProxy(variables.http, "HTTP_PROXY") : null;
  const https = variables.https ? checkProxy(variables.https, "HTTPS_PROXY") : null;
  if (http === null && https === null) return null;
  const except = (variables.except ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  return { http, https, except: [...loopback, ...except.map((entry) => entry.toLowerCase())] };
}

/** The one proxy for everything that `-proxy` names. */
export function givenProxy(text: string): ProxyPlan {
  const proxy = checkProxy(text, "-proxy");
  return { http: proxy, https: proxy, except: [] };
}

/** The proxy for a URL, with what it needs to know of us; `null` = none. */
export function proxyFor(url: string, proxies: ProxyPlan | null): string | null {
  if (proxies === null || url === "") return null;
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const reached = { host, port: port || (protocol === "https:" ? "443" : "80") };
  if (proxies.except.some((entry) => matches(entry, reached))) return null;
  return protocol === "https:" ? proxies.https : proxies.http;
}

// Messages name no value: it may hold a password.
function checkProxy(text: string, name: string): string {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  demand(url !== null && url.hostname !== "", `${name} is no URL`, "Write http://HOST:PORT.");
  demand(
    url.protocol === "http:",
    `${name}: ${url.protocol}// is no proxy that mesh-load can use`,
    "Write http://HOST:PORT.",
  );
  return url.href;
}

/** As in golang.org/x/net/http/httpproxy: `*`, addresses, networks, hosts with what is below them, each with a port or none. */
function matches(entry: string, { host, port }: { host: string; port: string }): boolean {
  if (entry === "*") return true;
  const [, address = "", prefix] = /^(.*)\/(\d+)$/.exec(entry) ?? [];
  if (prefix !== undefined) return isWithin(host, address, Number(prefix));
  const [, name = entry, only] = isIP(entry) === 6 ? [] : (/^\[?(.*?)\]?:(\d+)$/.exec(entry) ?? []);
  if (only !== undefined && only !== port) return false;
  if (isIP(name) !== 0) return host === name;
  if (name.startsWith("*.") || name.startsWith(".")) return host.endsWith(name.replace(/^\*/, ""));
  return host === name || host.endsWith(`.${name}`);
}

function isWithin(host: string, address: string, prefix: number): boolean {
  const family = isIP(address);
  if (family === 0 || prefix > (family === 4 ? 32 : 128) || isIP(host) === 0) return false;
  const network = new BlockList();
  network.addSubnet(address, prefix, family === 4 ? "ipv4" : "ipv6");
  return network.check(host, isIP(host) === 4 ? "ipv4" : "ipv6");
}
