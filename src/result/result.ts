/**
 * The waist of mesh-load: what drives and observes makes parts of a `ResultSet`, what judges and prints reads one.
 * Plain serialisable values; every duration is in microseconds unless its name says otherwise.
 */

import type { ABSide, LoadPlan, Plan } from "../plan/plan.ts";
import type { Mode } from "../plan/mode.ts";
import type { Attribution } from "./attribution.ts";
import type { HopResult } from "./hops.ts";
import type { MaxRate } from "./max-rate.ts";
import type { RunState, Stop } from "./stop.ts";
import type { Warning } from "./warnings.ts";

/** Raised when a reader of the older version would misread the file. */
export const schemaVersion = 1;

/** Raised when the same samples would give other derived numbers (docs/METHOD.md). */
export const methodVersion = 3;

/** The runs of one experiment: one file in `results/`. */
export interface ResultSet {
  readonly schemaVersion: typeof schemaVersion;
  readonly methodVersion: number;
  readonly id: string;
  readonly labels: string;
  readonly startedAt: string;
  readonly seed: number;
  /** Who measured: `fortio` where one of its results was read. */
  readonly tool: { readonly name: "mesh-load" | "fortio"; readonly version: string };
  readonly environment: Environment;
  readonly plan: Plan;
  readonly runs: readonly Run[];
  /** The highest rate that each target holds; none where no search was asked for. */
  readonly maxRates: readonly MaxRate[];
  readonly attribution: Attribution | null;
}

/** Where the numbers were taken; two sets from different ones are compared with care. */
export interface Environment {
  /** These four are `null` where the result is of another tool, which does not say. */
  readonly os: string | null;
  readonly cpuModel: string | null;
  readonly cpus: number | null;
  readonly node: string | null;
  /** Version text of the Envoy behind the admin, where there was one. */
  readonly envoy: string | null;
  /** Worker threads of that Envoy. */
  readonly workers: number | null;
  /** What the lab burned on each request, where the lab was used. */
  readonly work: Work | null;
  /** Of the two sides of an A/B experiment, where the above is side a's; `null` where there are none. */
  readonly sides: Readonly<Record<ABSide, SideEnvironment>> | null;
}

/** In what the two sides of an A/B experiment may differ. */
export type SideEnvironment = Pick<Environment, "envoy" | "work">;

/** The lab's `-work`, as asked for and as calibrated. */
export interface Work {
  /** CPU microseconds a worker spends on a request beyond its own cost. */
  readonly perRequestUs: number;
  /** A worker's own cost of a request, measured at calibration. */
  readonly baseUs: number;
  /** Turns of the loop that burn `perRequestUs`. */
  readonly iterations: number;
}

/** One load on one target. A failed or interrupted run has the same fields as a completed one. */
export interface Run {
  /** Position in the experiment, from 0. */
  readonly order: number;
  /** Runs of one block were interleaved and may be paired. */
  readonly block: number;
  /** The side in an A/B experiment, empty otherwise. */
  readonly side: string;
  /** The step of a sweep, empty otherwise. */
  readonly step: string;
  /** The listener mode that was asked for; `null` where the target's mode is unknown beforehand. */
  readonly mode: Mode | null;
  readonly repetition: number;
  readonly startedAt: string;
  readonly target: { readonly kind: "lab" | "url"; readonly url: string; readonly hop: string };
  readonly state: RunState;
  /** Why it is not completed; `null` where it is. */
  readonly stop: Stop | null;
  readonly protocol: LoadPlan["protocol"];
  readonly keepalive: boolean;
  readonly requested: { readonly qps: number; readonly connections: number; readonly durationS: number };
  /** What became of each kind of request, where there are several. */
  readonly requestKinds: readonly RequestKindResult[];
  readonly actual: {
    readonly qps: number;
    readonly connections: number;
    readonly durationS: number;
    /** Complete responses of any status. */
    readonly requests: number;
    /** CPU seconds of the whole mesh-load process during the load. */
    readonly driverCpuS: number | null;
  };
  /** Complete responses by status code. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Failed requests by reason: a `FailureReason`, or `http-error` for complete responses of 400 and above. */
  readonly failures: Readonly<Record<string, number>>;
  /** Requests without a complete response: they count in `latency` at their age. */
  readonly censored: { readonly count: number; readonly youngestUs: number; readonly oldestUs: number };
  /** Slots given up under `-nocatchup`. */
  readonly skipped: number;
  /** Followed under `-L`, on the way to the responses that count. */
  readonly redirects: number;
  /** Responses that ended when the kernel had received them; the others, when a thread had read them, some 50 µs later. */
  readonly kernelTimed: number;
  readonly socketsOpened: number;
  /** Those, by the address they went to. */
  readonly addresses: Readonly<Record<string, number>>;
  /** Connections closed because they had served the requests that `-connection-reuse` drew for them. */
  readonly retired: number;
  /** Why connections could not be opened before the load, in the system's words. */
  readonly openFailures: Readonly<Record<string, number>>;
  readonly bytes: { readonly sent: number | null; readonly received: number | null };

  /** Intended start → last byte; censored samples at their age. */
  readonly latency: Distribution;
  /** The same without the driver's lag: what the attribution judges. */
  readonly latencyWithoutLag: Distribution;
  readonly serviceTime: Distribution;
  readonly blocked: Distribution;
  readonly lag: Distribution;
  readonly connectTime: Distribution;
  readonly tlsTime: Distribution;
  /** Handshakes that resumed an earlier session, of those in `tlsTime`. */
  readonly tlsResumed: number;
  /** Ages of the failed requests alone. */
  readonly failureLatency: Distribution;

  readonly workers: readonly WorkerResult[];
  /** Every connection, or none where they are short-lived: there a connection is a request. */
  readonly connections: readonly ConnectionResult[];
  /** The requests beyond the run's tail quantile, counted per connection and second of their intended start. */
  readonly tail: {
    readonly quantile: number;
    readonly thresholdUs: number;
    readonly blocks: readonly {
      readonly connection: number;
      readonly second: number;
      readonly requests: number;
    }[];
  };
  readonly proof: ModeProof;
  /** Every proxy of a chain, the one nearest to the client first; none where only one is watched. */
  readonly hops: readonly HopResult[];
  readonly mapping: {
    readonly method: MappingMethod;
    readonly mapped: number;
    readonly unmapped: number;
    /** Other methods that mapped connections too, and on how many they said another worker. */
    readonly checks: readonly {
      readonly method: MappingMethod;
      readonly compared: number;
      readonly disagreed: number;
    }[];
    /** In words: which way told how many, and what kept others from it. */
    readonly reason?: string;
  };
  readonly series: readonly SeriesPoint[];
  /** Of a load that changed its rate or its connections: each stage for itself; otherwise none. */
  readonly stages: readonly StageResult[];
  readonly warnings: readonly Warning[];
}

/** A distribution of durations: the whole histogram, and the figures people ask for. */
export interface Distribution {
  /** HdrHistogram V2, compressed, base64; the unit is the nanosecond. Empty text where `count` is 0. */
  readonly histogram: string;
  readonly count: number;
  readonly meanUs: number;
  readonly maxUs: number;
  /** By percentile as text: `"50" "75" "90" "99" "99.9"`, and those asked for with `-p`. */
  readonly percentilesUs: Readonly<Record<string, number>>;
}

export type MappingMethod = "epoll" | "header" | "unwind" | "serial" | "none";

/** What one Envoy worker did in a run. */
export interface WorkerResult {
  /**
   * Envoy's number: `worker_0` is 0. Of another server: the place in the order of PIDs or thread ids, or, where its
   * processes are out of sight, the number that a response header names it by: a PID, say. No index, and no count.
   */
  readonly id: number;
  /** Of a server that is no Envoy, as its system calls the worker: `nginx 4711` (PID), `haproxy 4712` (thread id). */
  readonly name?: string;
  readonly connections: number;
  readonly requests: number;
  readonly failures: number;
  /** Of one core, from procfs; `null` where the PID is not known. */
  readonly cpuPercent: number | null;
  readonly latency: Distribution;
  readonly latencyWithoutLag: Distribution;
  readonly serviceTime: Distribution;
  /** Envoy's own `dispatcher` histograms over the run, where enabled: interval means would hide the tail. */
  readonly dispatcher: DispatcherDelay | null;
}

/** Envoy's per-worker event loop, as its admin reports it: how late timers fire and how long a turn takes. */
export interface DispatcherDelay {
  readonly pollDelayP50Us: number;
  readonly pollDelayP99Us: number;
  readonly loopDurationP50Us: number;
  readonly loopDurationP99Us: number;
}

/** What became of one kind of request. */
export interface RequestKindResult {
  readonly name: string;
  readonly weight: number;
  /** Requests that were sent. */
  readonly count: number;
  readonly failures: number;
  /** Latency, rounded up by 1.6 % at most; failed requests without a response at their age. */
  readonly p50Us: number;
  readonly p99Us: number;
}

/** One TCP connection. Times count from the start of the load. */
export interface ConnectionResult {
  readonly id: number;
  /** The place in the schedule that it served: 0 … c−1. */
  readonly slot: number;
  readonly thread: number;
  readonly localPort: number;
  readonly worker: number | null;
  readonly openedAtUs: number;
  readonly closedAtUs: number | null;
  /** It had served the requests that `-connection-reuse` drew for it. */
  readonly retired: boolean;
  /** What the plan gives its slot, of all requests; absent where all connections are alike. */
  readonly intendedShare?: number;
  readonly requests: number;
  readonly failures: number;
  readonly tailRequests: number;
  readonly p50Us: number;
}

/** Which listener mode was configured, and what the kernel says is in effect. */
export interface ModeProof {
  readonly listener: string | null;
  readonly configured: Mode | null;
  readonly inEffect: Mode | null;
  readonly reusePort: boolean | null;
  /** Listening sockets (distinct inodes) on the listener's address, and descriptors on them. */
  readonly sockets: number | null;
  readonly descriptors: number | null;
  /** In words, why the mode counts as proven or not. */
  readonly reason: string;
}

/** One stage of a run: the requests whose intended start lies in it, whenever they ended. */
export interface StageResult {
  /** Its first second, and how many it lasted: whole ones, where nothing cut it short. */
  readonly second: number;
  readonly seconds: number;
  readonly fromQps: number;
  readonly toQps: number;
  readonly fromConnections: number;
  readonly toConnections: number;
  /** Complete responses of any status. */
  readonly requests: number;
  readonly failures: number;
  /** `null`, like the others, where some of its requests lie above the cap of kept samples. */
  readonly latency: Distribution | null;
  readonly serviceTime: Distribution | null;
  readonly lag: Distribution | null;
  readonly workers: readonly {
    readonly id: number;
    readonly requests: number;
    readonly failures: number;
    readonly latency: Distribution;
  }[];
}

/** One second of a run. */
export interface SeriesPoint {
  readonly second: number;
  readonly requests: number;
  readonly failures: number;
  /** `null`, like the workers' requests, where some of the second's requests lie above the cap of kept samples. */
  readonly p50Us: number | null;
  readonly p99Us: number | null;
  readonly workers: readonly {
    readonly id: number;
    readonly connections: number | null;
    readonly requests: number | null;
    readonly cpuPercent: number | null;
  }[];
  /** Share of the machine's CPU time stolen by the hypervisor, 0…1. */
  readonly steal: number | null;
  /** Share of time in which some task waited for a CPU (PSI `some`), 0…1. */
  readonly cpuPressure: number | null;
}
