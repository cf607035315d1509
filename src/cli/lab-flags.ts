/** The flags that shape the lab. */

import { commonModes, modes } from "../plan/mode.ts";
import type { Row } from "./flag.ts";

export const labRows: readonly Row[] = [
  ["modes", "list", "Listener modes", { choices: modes, default: commonModes.join(",") }],
  ["workers", "whole", "Envoy worker threads", { default: "2" }],
  ["work", "text", "CPU microseconds a worker burns on each request, or auto", { default: "auto" }],
  [
    "upstream",
    "choice",
    "Route to a real upstream process",
    { choices: ["http/1.1", "h2c"], default: "direct response" },
  ],
  ["upstream-delay", "duration", "How long the upstream waits", { default: "0" }],
  ["upstream-size", "whole", "Bytes of its responses", { default: "0" }],
  ["upstream-status", "whole", "Status of its responses", { default: "200", example: "503" }],
  [
    "max-requests-per-connection",
    "whole",
    "Requests after which Envoy ends a connection",
    { default: "none" },
  ],
  ["max-connection-duration", "duration", "Age at which Envoy ends a connection", { default: "none" }],
  ["hops", "whole", "Envoys in a chain, each listener leading to its like in the next", { default: "1" }],
  ["tls", "boolean", "Listeners with TLS and a certificate of the lab's own"],
  ["envoy", "file", "Envoy binary", { default: "$ENVOY_BIN, PATH, or installed" }],
];
