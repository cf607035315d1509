/** Every flag of `run` and `lab`, in one table: it drives the parser, the help and the tests. Fortio's names and meanings where it has one. */

import { connectionRows } from "./connection-flags.ts";
import { inGroup } from "./flag.ts";
import type { Flag } from "./flag.ts";
import { gateRows } from "./gate-flags.ts";
import { labRows } from "./lab-flags.ts";
import { proxyRows } from "./proxy-flags.ts";

const loadFlags = inGroup("Load:", [
  [
    "c",
    "wholes",
    "Connections; several (2,8,32) make a sweep, a run of each",
    { default: "128; 4 with a URL" },
  ],
  [
    "qps",
    "number",
    "Requests a second over all connections; 0 = as fast as it goes",
    { default: "3000; 8 with a URL" },
  ],
  ["t", "duration", "How long each run takes; 0 = until interrupted", { default: "5s" }],
  ["n", "whole", "Exactly so many requests a run, instead of -t"],
  ["calc-qps", "boolean", "Take -n over -t for the rate, instead of -qps"],
  ["reps", "whole", "Runs of each mode or URL, each with fresh connections", { default: "3; 1 with a URL" }],
  ["find-max", "boolean", "Find the highest rate that holds -slo, from -qps on, in each mode"],
  ["slo", "text", "What must hold with -find-max: 'p99<10ms'", { repeatable: true }],
  ["warmup", "duration", "Load before the measured one, not recorded", { default: "0" }],
  ["keepalive", "boolean", "Keep connections; -keepalive=false opens one a request", { default: "true" }],
  ["h2", "boolean", "HTTP/2; by ALPN with https://, and with http:// as the server is known to speak it"],
  ["http1.0", "boolean", "HTTP/1.0, kept alive by Connection: keep-alive"],
  ["s", "whole", "Requests in flight at once on each connection, with -h2", { default: "1" }],
  ["timeout", "duration", "Longest wait for a response", { default: "3s" }],
  [
    "arrivals",
    "choice",
    "Evenly spaced starts, or random ones",
    { choices: ["fixed", "poisson"], default: "fixed" },
  ],
  ["uniform", "boolean", "Connections evenly out of phase; =false starts them together", { default: "true" }],
  ["jitter", "boolean", "Vary each gap by 10 %"],
  ["nocatchup", "boolean", "Give up starts whose connection is still busy, and count them"],
  ["abort-on", "whole", "Status that ends everything, -1 for a request without response", { example: "503" }],
  [
    "allow-initial-errors",
    "boolean",
    "Go on where the first request to a URL fails",
    { default: "false; true in the lab" },
  ],
  ["profile", "profile", "Take what flags leave open from profiles/NAME.yaml, or from a FILE"],
]);

const requestFlags = inGroup("Request:", [
  [
    "H",
    "text",
    'Header, "Name: value"; {uuid} in URL, headers and body is new in each request',
    { repeatable: true },
  ],
  ["X", "text", "Method", { default: "GET; POST with a payload" }],
  ["payload", "text", "Body"],
  ["payload-file", "file", "Body from a file, - for stdin"],
  ["payload-size", "whole", "Body of so many random bytes"],
  ["content-type", "text", "Content-Type header"],
  ["user", "text", "NAME:PASSWORD for basic authentication"],
]);

const tlsFlags = inGroup("TLS (https:// and -tls):", [
  ["k", "boolean", "Take any certificate"],
  ["https-insecure", "boolean", "The same"],
  ["cacert", "file", "Certificates to trust instead of the system's and Node's, a PEM FILE"],
  ["cert", "file", "Client certificate, a PEM FILE"],
  ["key", "file", "Its key, a PEM FILE"],
  ["sni", "text", "Server name to ask for and to verify", { default: "the URL's host" }],
  ["tls-resume", "boolean", "Resume the session of the slot's last connection"],
]);

const abFlags = inGroup("A/B (two sides in turn; two URLs, two bootstraps, or two labs):", [
  ["ab", "boolean", "Drive two sides in turn and compare them; without more, the same lab twice"],
  ["ab-envoy", "file", "Envoy binary of side b's lab", { default: "as side a" }],
  ["ab-work", "text", "-work of side b's lab", { default: "as side a" }],
  ["ab-upstream-delay", "duration", "-upstream-delay of side b's lab", { default: "as side a" }],
  ["ab-admin", "text", "-admin of side b", { default: "as side a", repeatable: true }],
  ["ab-pid", "whole", "-pid of side b", { default: "as side a", repeatable: true, example: "4711" }],
]);

const driverFlags = inGroup("Driver:", [
  ["threads", "whole", "Driver threads", { default: "1 for each 20000 qps, at most 4" }],
  [
    "pacing",
    "choice",
    "Start on time; save CPU and be up to 1 ms late; or never sleep, and see responses sooner, for a processor a thread",
    { choices: ["precise", "coarse", "spin"], default: "precise" },
  ],
  ["seed", "whole", "Start of every random draw", { default: "drawn, and recorded" }],
]);

const standardFlags = inGroup("Standard client:", [
  [
    "stdclient",
    "boolean",
    "Drive with undici instead of mesh-load's own clients: slower, to cross-check them",
  ],
  ["L", "boolean", "Follow redirects, at most 10 a request; latency counts to the end of the last"],
  [
    "proxy",
    "text",
    "Ask through the proxy at http://HOST:PORT",
    { default: "$HTTP_PROXY, $HTTPS_PROXY, but $NO_PROXY" },
  ],
  ["compression", "boolean", "Accept gzip, deflate, br and zstd, and decode them"],
]);

const analysisFlags = inGroup("Analysis:", [
  [
    "map",
    "choice",
    "How a connection's worker is found",
    { choices: ["auto", "epoll", "header", "unwind", "serial", "none"], default: "auto" },
  ],
  ["worker-header", "text", "Response header that names the worker", { default: "x-envoy-worker" }],
  ["tail", "number", "Quantile that counts as the tail", { default: "0.99", example: "0.999" }],
  ["p", "list", "Percentiles to list", { default: "50,75,90,99,99.9" }],
]);

const outputFlags = inGroup("Output:", [
  ["json", "file", "Write the result set to a FILE (.gz: compressed), - for stdout"],
  ["csv", "file", "Write one row per run and scope to a FILE (.gz: compressed), - for stdout"],
  ["labels", "text", "Title of the result set, and part of its file name"],
  ["runid", "whole", "Number of the experiment, part of the file name", { default: "0: none" }],
  ["data-dir", "directory", "Where every result set is saved", { default: "results" }],
  ["no-save", "boolean", "Do not save it there"],
  ["gzip", "boolean", "Save it compressed, as .json.gz"],
  ["access-log-file", "file", "Append a line for each request to a FILE, after its run"],
  ["access-log-format", "choice", "Of those lines", { choices: ["json", "influx"], default: "json" }],
  [
    "log-errors",
    "boolean",
    "Tell failing statuses and reasons as they come, once a second",
    { default: "true" },
  ],
  [
    "max-failures",
    "whole",
    "Failed requests that are tolerated; more make exit code 1. Any are with two sides, or a gate on failures",
    { default: "0" },
  ],
  ["strict", "boolean", "Exit with code 4 where there is any warning"],
  ["quiet", "boolean", "No progress"],
  ["a", "boolean", "Accepted for Fortio's sake: every result set is saved"],
]);

/** `mesh-load run` */
export const runFlags: readonly Flag[] = [
  ...loadFlags,
  ...requestFlags,
  ...tlsFlags,
  ...inGroup("Lab (without a URL):", labRows),
  ...inGroup("Your own Envoy (with a URL):", proxyRows),
  ...abFlags,
  ...inGroup("Gates:", gateRows),
  ...inGroup("Connections:", connectionRows),
  ...driverFlags,
  ...standardFlags,
  ...analysisFlags,
  ...outputFlags,
];

/** `mesh-load lab` */
export const labCommandFlags: readonly Flag[] = [
  ...inGroup("Options:", labRows),
  ...inGroup("Options:", [
    ["qps", "number", "The rate that -work auto is meant for", { default: "3000" }],
    ["profile", "profile", "Take what flags leave open from profiles/NAME.yaml, or from a FILE"],
    ["quiet", "boolean", "Addresses only"],
  ]),
];
