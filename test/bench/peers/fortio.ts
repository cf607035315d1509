import type { Peer } from "./peer.ts";

interface FortioResult {
  readonly DurationHistogram: { readonly Percentiles: readonly { Percentile: number; Value: number }[] };
}

export const fortio: Peer = {
  name: "fortio",
  source: { kind: "go", module: "fortio.org/fortio", version: "v1.66.5", binary: "fortio" },
  cannot: ({ streams = 1 }) => (streams > 1 ? "it has one stream in flight on a connection" : null),
  args: ({ url, work, extra }) => [
    "load",
    "-c",
    String(work.connections),
    "-qps",
    String(work.qps),
    "-t",
    `${work.seconds}s`,
    // Its default histogram interpolates in buckets of 1 ms.
    "-r",
    "0.0001",
    "-p",
    "50,99",
    "-quiet",
    "-json",
    "-",
    // Without keepalive its fast client waits for the server to close, which Envoy does after a second.
    ...(work.keepalive ? [] : ["-keepalive=false", "-stdclient"]),
    ...(work.streams === undefined ? [] : ["-h2"]),
    ...(work.tls ? ["-k"] : []),
    ...extra,
    url,
  ],
  parse: (stdout) => {
    const { Percentiles } = (JSON.parse(stdout) as FortioResult).DurationHistogram;
    const us = (p: number): number => Percentiles.find(({ Percentile }) => Percentile === p)!.Value * 1e6;
    return { p50Us: us(50), p99Us: us(99) };
  },
};
