/** Flags that Fortio has and mesh-load has not: saying so is better than "unknown flag". */

const never = "grpc ping grpc-ping-delay healthservice health udp-timeout";

const reasons: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  r: [
    "-r is refused: it is the resolution of Fortio's histogram",
    "Leave it out; three digits of every latency are kept.",
  ],
  offset: [
    "-offset is refused: it moves the buckets of Fortio's histogram, and no latency",
    "Leave it out; three digits of every latency are kept.",
  ],
  mtls: ["-mtls makes Fortio's servers ask for certificates", "Give a client's with -cert and -key."],
  gomaxprocs: ["-gomaxprocs is for Go", "Use -threads."],
  httpbufferkb: ["-httpbufferkb has no use here: responses of any size are read", "Leave it out."],
  httpccch: ["-httpccch has no use here: Connection: close is always obeyed", "Leave it out."],
  halfclose: [
    "-halfclose is refused: to a proxy, a connection half closed is a client that has left",
    "Leave it out; connections are closed when the response is whole.",
  ],
  loglevel: ["-loglevel has no use here", "Use -quiet, or leave it out."],
  ...Object.fromEntries(
    never
      .split(" ")
      .map((name) => [
        name,
        [
          `-${name} is a flag of Fortio's that mesh-load does not have`,
          "It drives HTTP/1.1 and HTTP/2.",
        ] as const,
      ]),
  ),
};

/** Why a flag of Fortio's is not taken, and what to do; `undefined` for a name that Fortio does not know either. */
export function fortioReason(name: string): readonly [message: string, hint: string] | undefined {
  return Object.hasOwn(reasons, name) ? reasons[name] : undefined;
}
