/** What the driver hands over after a load: samples in columns, and a table of every connection it opened. */

import type { CoarseSamples } from "./coarse-samples.ts";
import type { Stop } from "./stop.ts";

/** Why a request got no complete response. Positions are stored in samples: only append. */
export const failureReasons = [
  "connect-refused",
  "connect-timeout",
  "connect-failed",
  "tls",
  "reset",
  "closed-early",
  "timeout",
  "protocol",
  "unfinished",
  "never-sent",
  "no-local-port",
  "refused-stream",
  "goaway",
  "too-many-redirects",
] as const;

export type FailureReason = (typeof failureReasons)[number];

const failureBase = 1000;

/** Outcomes are below it. */
export const outcomeCount = failureBase + failureReasons.length;

/** A sample's outcome column: an HTTP status, or 1000 + the position of a failure reason. */
export const outcomeOf = (reason: FailureReason): number => failureBase + failureReasons.indexOf(reason);

/** The reason of an outcome, or `undefined` where a response came whole. */
export const failureReasonOf = (outcome: number): FailureReason | undefined =>
  // Asked for every sample: an index below 0 would be looked up as a name.
  outcome < failureBase ? undefined : failureReasons[outcome - failureBase];

/** Fortio, k6 and hey agree: a complete response of 400 or above still failed its user. */
export const isErrorStatus = (outcome: number): boolean => outcome >= 400 && outcome < failureBase;

/** One row a request, in columns: 22 bytes a request, transferable between threads. */
export interface Samples {
  readonly count: number;
  /** Intended start → last byte; for a request without response its age when it ended. */
  readonly latencyUs: Float32Array;
  readonly blockedUs: Float32Array;
  readonly lagUs: Float32Array;
  /** Row of the connection in `Load.connections`; `noConnection` where it never had one. */
  readonly connection: Uint32Array;
  /** Second of the intended start, from the start of the load. */
  readonly second: Uint32Array;
  readonly outcome: Uint16Array;
  /** Intended start, from the start of the load; kept only where an access log asks for it, 8 bytes more a request. */
  readonly startUs?: Float64Array;
  /** Requests above the cap of kept samples, which have no row here; absent where there were none. */
  readonly coarse?: CoarseSamples;
}

export const noConnection = 0xffff_ffff;

/** One opened (or refused) TCP connection. Absolute times are on the monotonic clock (`clock.ts`). */
export interface LoadConnection {
  readonly id: number;
  readonly slot: number;
  readonly thread: number;
  /** 0 where it was not asked for: of short-lived connections, which no procfs could map, and of those that never opened. */
  readonly localPort: number;
  readonly localAddress: string;
  /** IP address of the server, or the path of its Unix domain socket. */
  readonly remoteAddress: string;
  readonly openedAtUs: number;
  readonly closedAtUs: number | null;
  /** Closed because it had served the requests that `-connection-reuse` drew for it. */
  readonly retired: boolean;
  /** `null` where it never opened. */
  readonly connectTimeUs: number | null;
  /** From the established TCP connection to the end of the handshake; `null` without TLS, or where that failed. */
  readonly tlsTimeUs: number | null;
  /** The handshake resumed an earlier session. */
  readonly resumed: boolean;
  /** What the worker header of its first response said, parsed to a number; `null` without one. */
  readonly headerWorker: number | null;
}

/** What became of one kind of request: exact counts, and latencies in a coarse histogram (coarse-samples.ts). */
export interface KindTally {
  readonly count: number;
  readonly failures: number;
  readonly latency: Uint32Array;
}

/** Requests of the warm-up, which the server counts and the samples leave out, and redirects that they followed. */
export interface Warmup {
  readonly sent: number;
  readonly answered: number;
  readonly redirects: number;
}

/** A whole load, over all threads. */
export interface Load {
  /** `null` where it lasted as planned. */
  readonly stop: Stop | null;
  readonly startedAtUs: number;
  /**
   * The time of the schedule, or what of it there was until a stop: what the rate is measured over. A count as fast as
   * it goes has none, and lasts until its last request has ended.
   */
  readonly durationUs: number;
  readonly samples: Samples;
  /** In the order of the plan; none where all requests are of one kind. */
  readonly requestKinds: readonly KindTally[];
  readonly connections: readonly LoadConnection[];
  readonly skipped: number;
  /** Connections that could not be opened before the load, by reason and with the system's words. */
  readonly connectFailures: Readonly<Record<string, number>>;
  /** Handshakes that failed, before the load or in it, by the system's words. */
  readonly tlsFailures: Readonly<Record<string, number>>;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** CPU seconds of this whole process over the load. */
  readonly driverCpuS: number;
  /** Of the busiest driver thread: the share of the load's time in which it was not waiting for events. */
  readonly busiestThread: number;
  /** Followed on the way to the last responses. */
  readonly redirects: number;
  /** Responses whose last octets have the time at which the kernel received them, not that of a thread that read them. */
  readonly kernelTimed: number;
  readonly warmup: Warmup;
}
