import { noHttp2 } from "./peer.ts";
import type { Peer } from "./peer.ts";

interface AutocannonResult {
  readonly latency: { readonly p50: number; readonly p99: number };
}

export const autocannon: Peer = {
  name: "autocannon",
  source: { kind: "npm", package: "autocannon", version: "9.0.0", entry: "autocannon.js" },
  cannot: ({ qps, connections, streams }) => {
    if (streams !== undefined) return noHttp2;
    return qps > 0 && qps < connections ? "it gives every connection at least one request a second" : null;
  },
  args: ({ url, work, extra }) => [
    "-c",
    String(work.connections),
    "-d",
    String(work.seconds),
    "--json",
    // -C: its correction takes 1 ms for the gap between requests whatever the rate, and halves a median.
    ...(work.qps > 0 ? ["-R", String(work.qps), "-C"] : []),
    ...(work.keepalive ? [] : ["-D", "1"]),
    ...extra,
    url,
  ],
  parse: (stdout) => {
    const { p50, p99 } = (JSON.parse(stdout) as AutocannonResult).latency;
    return { p50Us: p50 * 1e3, p99Us: p99 * 1e3 };
  },
};
