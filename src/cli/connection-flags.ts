/** The flags that say how connections come about, and where they go. */

import type { Row } from "./flag.ts";

export const connectionRows: readonly Row[] = [
  [
    "connect",
    "text",
    "Opening before the load: burst, serial, or a rate such as 200/s",
    { default: "burst" },
  ],
  ["sequential-warmup", "boolean", "Fortio's name for -connect serial; no request is sent before the load"],
  ["connection-reuse", "text", "MIN:MAX requests, drawn for each connection, after which it is replaced"],
  ["unix-socket", "file", "Connect to the Unix domain socket at a PATH; the URL says host and path"],
  ["resolve", "list", "Connect to these IP addresses in turn; the URL's host is still what is asked for"],
  [
    "resolve-ip-type",
    "choice",
    "Which of the host's addresses count",
    { choices: ["ip4", "ip6", "ip"], default: "ip4, or ip6 where there is no other" },
  ],
  [
    "dns-method",
    "choice",
    "The host's addresses in turn by connection, resolved once a run; or only the first",
    { choices: ["cached-rr", "first"], default: "cached-rr" },
  ],
  ["linger0", "boolean", "Close with a reset, so that no port waits in TIME_WAIT"],
  ["local-addresses", "list", "Source addresses, taken in turn"],
];
