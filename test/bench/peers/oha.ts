import type { Peer } from "./peer.ts";

interface OhaResult {
  readonly latencyPercentiles: { readonly p50: number; readonly p99: number };
}

export const oha: Peer = {
  name: "oha",
  source: { kind: "cargo", crate: "oha", version: "1.16.0", binary: "oha" },
  cannot: () => null,
  args: ({ url, work, extra }) => [
    "--no-tui",
    "--output-format",
    "json",
    "-c",
    String(work.connections),
    "-z",
    `${work.seconds}s`,
    ...(work.qps > 0 ? ["-q", String(work.qps), "--latency-correction"] : []),
    ...(work.keepalive ? [] : ["--disable-keepalive"]),
    ...(work.streams === undefined ? [] : ["--http2", "-p", String(work.streams)]),
    ...(work.tls ? ["--insecure"] : []),
    ...extra,
    url,
  ],
  parse: (stdout) => {
    const { p50, p99 } = (JSON.parse(stdout) as OhaResult).latencyPercentiles;
    return { p50Us: p50 * 1e6, p99Us: p99 * 1e6 };
  },
};
