import { found, noHttp2 } from "./peer.ts";
import type { Peer } from "./peer.ts";

const microsPer: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, m: 60e6 };

export const wrk: Peer = {
  name: "wrk",
  source: { kind: "apt", package: "wrk", binary: "wrk" },
  cannot: ({ qps, streams }) => {
    if (qps > 0) return "it has no fixed rate";
    return streams === undefined ? null : noHttp2;
  },
  args: ({ url, work, extra }) => [
    `-t${work.threads ?? 1}`,
    `-c${work.connections}`,
    `-d${work.seconds}s`,
    "--latency",
    ...(work.keepalive ? [] : ["-H", "Connection: close"]),
    ...extra,
    url,
  ],
  parse: (stdout) => {
    const us = (p: number): number => {
      const [, value, unit] = /^([\d.]+)([a-z]+)$/.exec(found(stdout, new RegExp(`^ +${p}% +(\\S+)$`, "m")))!;
      return Number(value) * microsPer[unit!]!;
    };
    return { p50Us: us(50), p99Us: us(99) };
  },
};
