/** The flags that say which proxies of a person's own are watched. */

import type { Row } from "./flag.ts";

export const proxyRows: readonly Row[] = [
  [
    "admin",
    "text",
    "Admin address of the Envoy behind the URL: http://HOST:PORT; once for each of a chain, the client's first",
    { repeatable: true },
  ],
  [
    "pid",
    "whole",
    "Its process, or what started that, on this machine; of nginx or HAProxy the master's",
    { repeatable: true, example: "4711" },
  ],
  ["listener", "text", "Its name of the listener", { default: "found by address", repeatable: true }],
];
