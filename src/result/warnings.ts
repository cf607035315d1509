/** Doubts about a measurement. They travel with the result, and every output shows them. */

/** What to do about each, unless one knows better where it is made. */
export const warningHints = {
  "behind-schedule": "Lower -qps or raise -c: the target did not keep up with the asked rate.",
  "driver-saturated": "Lower -qps, raise -threads, or give the driver a quieter machine.",
  "mode-not-in-effect":
    "Look with `mesh-load inspect ADMIN-URL`; a listener's mode needs a restart of Envoy to change.",
  "workers-unseen":
    "Give -admin and -pid of the Envoy behind the URL, or let it name its worker in a response header.",
  "samples-too-few": "Run longer, at a higher rate, or with more -reps.",
  "scrape-gap": "The admin answered late or not at all: the series has holes, the latencies do not.",
  "other-traffic": "Other clients used the same listener: counts and CPU per worker contain theirs.",
  "noisy-machine":
    "The machine gave its CPU to others meanwhile; repeat on a quieter one before you trust small differences.",
  "connections-not-opened":
    "Their slots connect when a request is due. Look at the server's limits, or open them slower with -connect 100/s.",
  "connections-lost":
    "Connections closed during the run and were opened again: their worker may have changed.",
  "counts-differ": "Envoy counted other numbers than mesh-load did.",
  "hop-without-traffic":
    "Is that proxy behind the first on the path of this URL? Give -admin and -pid in the order of the path.",
  "mapping-disagrees": "Two ways of telling a connection's worker gave different answers; please report it.",
  "samples-coarse":
    "Above the cap of kept samples only histograms are recorded, to within 2 %: use shorter runs and more -reps, or more -threads.",
  "worker-uneven":
    "The tail follows one worker whatever it holds: look at its core before you blame the skew.",
  "load-changes": "Drive each rate in a run of its own: the attribution needs one that lasts.",
  "service-time-only": "Compare its service times with service times, and never with a latency.",
  "buckets-wide": "Give Fortio a smaller -r, such as 0.0001, to know its quantiles better.",
  failures:
    "-json counts them by status and reason, -access-log-file FILE names each one. -max-failures tolerates some.",
  unfinished: "Requests were still unanswered at the end; they count as censored samples at their age.",
} as const;

/** Under this share of the asked rate the load was another one than asked for. */
export const rateReached = 0.99;

export type WarningCode = keyof typeof warningHints;

/** One doubt: a code to branch on, what was seen, and what to do about it. */
export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
  readonly hint: string;
}

/** @example createWarning("scrape-gap", "no /stats for 3.2 s, from second 4") */
export function createWarning(
  code: WarningCode,
  message: string,
  hint: string = warningHints[code],
): Warning {
  return { code, message, hint };
}
