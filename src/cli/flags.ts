/** Every flag, in one table: it drives the parser, the help and the tests. Fortio's names and meanings where it has one. */

import type { CheckFormat, ComparisonFormat, OutputFormat } from "../output/outputs.ts";
import { modes } from "../plan/mode.ts";
import { connectionRows } from "./connection-flags.ts";
import { labRows } from "./lab-flags.ts";
import { proxyRows } from "./proxy-flags.ts";

/** `text` may hold anything, as may `file`, `directory` and `profile`, which are completed; lists and `wholes` are separated by commas; `duration` is Go's (`5s`, `1m30s`). */
type FlagKind =
  | "text"
  | "file"
  | "directory"
  | "profile"
  | "number"
  | "whole"
  | "wholes"
  | "duration"
  | "boolean"
  | "list"
  | "choice";

export interface Flag {
  readonly name: string;
  readonly kind: FlagKind;
  readonly describe: string;
  readonly group: string;
  /** As help shows it; what it resolves to is decided in the plan. */
  readonly default?: string;
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly repeatable?: true;
}

export type Row = readonly [
  name: string,
  kind: FlagKind,
  describe: string,
  more?: Omit<Flag, "name" | "kind" | "describe" | "group">,
];

const inGroup = (group: string, rows: readonly Row[]): Flag[] =>
  rows.map(([name, kind, describe, more]) => ({ name, kind, describe, group, ...more }));

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
  ["abort-on", "whole", "Status that ends everything, -1 for a request without response"],
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

const abFlags = inGroup("A/B (two sides in turn; two URLs, or two labs):", [
  ["ab", "boolean", "Drive two sides in turn and compare them; without more, the same lab twice"],
  ["ab-envoy", "file", "Envoy binary of side b's lab", { default: "as side a" }],
  ["ab-work", "text", "-work of side b's lab", { default: "as side a" }],
  ["ab-upstream-delay", "duration", "-upstream-delay of side b's lab", { default: "as side a" }],
  ["ab-admin", "text", "-admin of side b", { default: "as side a", repeatable: true }],
  ["ab-pid", "whole", "-pid of side b", { default: "as side a", repeatable: true }],
]);

const driverFlags = inGroup("Driver:", [
  ["threads", "whole", "Driver threads", { default: "1 for each 20000 qps, at most 4" }],
  [
    "pacing",
    "choice",
    "Start on time, or save CPU and be up to 1 ms late",
    { choices: ["precise", "coarse"], default: "precise" },
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
  ["tail", "number", "Quantile that counts as the tail", { default: "0.99" }],
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
  ["max-failures", "whole", "Failed requests that are tolerated; more make exit code 1", { default: "0" }],
  ["strict", "boolean", "Exit with code 4 where there is any warning"],
  ["quiet", "boolean", "No progress"],
  ["a", "boolean", "Accepted for Fortio's sake: every result set is saved"],
]);

const gateRows: readonly Row[] = [
  [
    "gate",
    "text",
    "What decides: 'p99<=+5%' against a baseline, 'failures==0', 'exact_balance:p99.9<=20ms'",
    { repeatable: true },
  ],
  ["gates", "file", "Gates from a FILE, one a line"],
  ["allow-inconclusive", "boolean", "A gate that cannot be decided is exit code 0, not 5"],
];

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

/** As in `output/outputs.ts`, which is loaded only where something is written. */
const checkFormats = [
  "table",
  "markdown",
  "github",
  "junit",
  "json",
] as const satisfies readonly CheckFormat[];
const reportFormats = [
  ...checkFormats,
  "csv",
  "csv-series",
  "csv-stages",
  "csv-connections",
  "bench",
  "fortio",
  "hgrm",
  "hdrlog",
  "openmetrics",
  "html",
] as const satisfies readonly OutputFormat[];

/** `mesh-load report` */
export const reportFlags: readonly Flag[] = inGroup("Options:", [
  ["format", "choice", "What to write", { choices: reportFormats, default: "table" }],
  ["o", "file", "Write to a FILE (.gz: compressed) instead of stdout, or a file each into a DIRECTORY/"],
]);

const comparisonFormats = [...checkFormats, "csv", "html"] as const satisfies readonly ComparisonFormat[];

/** `mesh-load compare` */
export const compareFlags: readonly Flag[] = [
  ...inGroup("What to compare:", [
    ["by", "choice", "Parts of one result set with each other", { choices: ["mode"] }],
    [
      "baseline-mode",
      "choice",
      "The mode that others are set against",
      { choices: modes, default: "the first" },
    ],
    ["baseline", "file", "A baseline more: all positionals are candidates then", { repeatable: true }],
    ["baseline-label", "text", "Of the baseline's directory the newest set with this label"],
    ["candidate-label", "text", "The same of the candidate's"],
    ["force", "boolean", "Compare what was not measured alike"],
  ]),
  ...inGroup("Planning:", [
    ["plan", "boolean", "Tell from a baseline how many repetitions, of which length, an effect needs"],
    ["effect", "text", "The worsening to be found, with -plan", { default: "+10%" }],
  ]),
  ...inGroup("Gates:", [
    ...gateRows,
    ["alpha", "number", "One-sided level of the tests, over all gates together", { default: "0.05" }],
  ]),
  ...inGroup("Output:", [
    ["format", "choice", "What to write", { choices: comparisonFormats, default: "table" }],
    ["o", "file", "Write to a FILE instead of stdout"],
  ]),
];

/** `mesh-load check` */
export const checkFlags: readonly Flag[] = [
  ...inGroup("Gates:", gateRows),
  ...inGroup("Output:", [
    ["format", "choice", "What to write", { choices: checkFormats, default: "table" }],
    ["o", "file", "Write to a FILE instead of stdout"],
  ]),
];

/** `mesh-load inspect` */
export const inspectFlags: readonly Flag[] = inGroup("Options:", [
  [
    "pid",
    "whole",
    "Envoy's process, where it runs on this machine",
    { default: "found by its admin port", repeatable: true },
  ],
]);
