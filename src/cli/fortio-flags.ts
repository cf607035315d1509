/**
 * Flags that Fortio has and mesh-load has not: saying why, and what to use, is better than "unknown flag".
 * docs/FORTIO.md maps them all.
 */

type Reason = readonly [message: string, hint: string];

const reasons: Readonly<Record<string, Reason>> = {
  ...each("r offset", (flag) => [
    `${flag} is refused: it shapes the buckets of Fortio's histogram, and changes no latency`,
    "Leave it out; three digits of every latency are kept.",
  ]),
  "no-reresolve": [
    "-no-reresolve has no use here: names are resolved once a run",
    "Leave it out; -resolve gives the addresses.",
  ],
  gomaxprocs: ["-gomaxprocs is for Go", "Use -threads."],
  httpbufferkb: ["-httpbufferkb has no use here: responses of any size are read", "Leave it out."],
  httpccch: ["-httpccch has no use here: Connection: close is always obeyed", "Leave it out."],
  halfclose: [
    "-halfclose is refused: to a proxy, a connection half closed is a client that has left",
    "Leave it out; connections are closed when the response is whole.",
  ],
  loglevel: ["-loglevel has no use here", "Use -quiet, or leave it out."],
  ...each(
    "logger-json logger-no-color logger-force-color logger-timestamp logger-goroutine logger-file-line",
    (flag) => [`${flag} has no use here: there is no log`, "Leave it out; NO_COLOR=1 leaves out colours."],
  ),
  ...each("grpc ping grpc-ping-delay grpc-compression health healthservice udp-timeout", (flag) => [
    `${flag} is a flag of Fortio's that mesh-load does not have`,
    "It drives HTTP/1.1 and HTTP/2.",
  ]),
  ...each("curl curl-stdout-headers stream nc-dont-stop-on-eof", (flag) => [
    `${flag} is for single requests of Fortio's`,
    "Use curl or nc.",
  ]),
  mtls: ["-mtls makes Fortio's servers ask for certificates", "Give a client's with -cert and -key."],
  ...each(
    "M P base-url config-dir config-port echo-debug-path echo-server-default-params grpc-max-streams grpc-port " +
      "http-port max-echo-delay maxpayloadsizekb multi-mirror-origin multi-serial-mode pprof proxy-all-headers " +
      "redirect-port server-idle-timeout static-dir sync sync-interval tcp-port udp-async udp-port ui-path",
    (flag) => [
      `${flag} is for Fortio's servers`,
      "mesh-load starts an Envoy with mesh-load lab, and an upstream with -upstream.",
    ],
  ),
};

function each(names: string, reason: (flag: string) => Reason): Record<string, Reason> {
  return Object.fromEntries(names.split(" ").map((name) => [name, reason(`-${name}`)]));
}

/** Why a flag of Fortio's is not taken, and what to do; `undefined` for a name that Fortio does not know either. */
export function fortioReason(name: string): Reason | undefined {
  return Object.hasOwn(reasons, name) ? reasons[name] : undefined;
}
