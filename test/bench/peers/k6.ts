import { fileURLToPath } from "node:url";
import { noH2c } from "./peer.ts";
import type { Peer } from "./peer.ts";

const script = fileURLToPath(new URL("./k6-script.js", import.meta.url));

/** Each connection of k6 is a virtual user with a JavaScript runtime of its own, of megabytes. */
const mostUsers = 1000;

export const k6: Peer = {
  name: "k6",
  source: { kind: "go", module: "go.k6.io/k6", version: "v1.8.1", binary: "k6" },
  cannot: ({ connections, streams, tls = false }) => {
    if (connections > mostUsers) return "it needs a JavaScript runtime for every connection";
    if (streams !== undefined && !tls) return noH2c;
    if (streams === undefined && tls) return "over TLS it speaks HTTP/2 wherever it is offered";
    return streams !== undefined && streams > 1 ? "its users have one stream in flight" : null;
  },
  args: ({ url, work, extra }) => [
    "run",
    "--quiet",
    "--no-usage-report",
    "--address",
    "",
    "-e",
    `TARGET=${url}`,
    "-e",
    `CONNECTIONS=${work.connections}`,
    "-e",
    `QPS=${work.qps}`,
    "-e",
    `SECONDS=${work.seconds}`,
    "-e",
    `KEEPALIVE=${work.keepalive}`,
    ...extra,
    script,
  ],
  parse: (stdout) => {
    const values = JSON.parse(stdout) as Record<string, number>;
    return { p50Us: values["p(50)"]! * 1e3, p99Us: values["p(99)"]! * 1e3 };
  },
};
