import { found } from "./peer.ts";
import type { Peer } from "./peer.ts";

export const hey: Peer = {
  name: "hey",
  source: { kind: "go", module: "github.com/rakyll/hey", version: "v0.1.5", binary: "hey" },
  cannot: ({ streams }) => (streams === undefined ? null : "its workers share one connection of HTTP/2"),
  args: ({ url, work, extra }) => [
    "-c",
    String(work.connections),
    "-z",
    `${work.seconds}s`,
    ...(work.qps > 0 ? ["-q", String(work.qps / work.connections)] : []),
    ...(work.keepalive ? [] : ["-disable-keepalive"]),
    ...extra,
    url,
  ],
  parse: (stdout) => {
    const us = (p: number): number =>
      Number(found(stdout, new RegExp(`^ +${p}%+ in (\\S+) secs`, "m"))) * 1e6;
    return { p50Us: us(50), p99Us: us(99) };
  },
};
