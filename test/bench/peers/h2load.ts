import { found } from "./peer.ts";
import type { Peer } from "./peer.ts";

export const h2load: Peer = {
  name: "h2load",
  source: { kind: "apt", package: "nghttp2-client", binary: "h2load" },
  cannot: ({ keepalive }) => (keepalive ? null : "it keeps its connections"),
  args: ({ url, work, extra }) => [
    ...(work.streams === undefined ? ["--h1"] : [`-m${work.streams}`]),
    `-t${work.threads ?? 1}`,
    `-c${work.connections}`,
    `-D${work.seconds}`,
    ...(work.qps > 0 ? [`--rps=${work.qps / work.connections}`] : []),
    ...extra,
    url,
  ],
  // It prints mean and deviation, no percentiles.
  parse: (stdout) => {
    found(stdout, /^time for request: +(\S+)/m);
    return { p50Us: null, p99Us: null };
  },
};
