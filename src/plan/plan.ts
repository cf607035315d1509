/** The plan: what an experiment will do, every default resolved, frozen and serialisable. It stands in the result. */

import type { Mode } from "./mode.ts";

export interface Plan {
  readonly labels: string;
  /** Number of the experiment, part of its id; 0 for none. */
  readonly runId: number;
  readonly seed: number;
  /** The Envoy of our own; `null` where URLs or bootstraps are given. */
  readonly lab: LabPlan | null;
  /** What is driven, in the order given; in the lab one a mode, with an empty `url` until the lab is up. */
  readonly targets: readonly TargetPlan[];
  /** Runs of each target, every one with fresh connections. */
  readonly repetitions: number;
  /** With a sweep, the step of the most connections. */
  readonly load: LoadPlan;
  /** Connections of each step of a sweep, in its order; none where there is no sweep. */
  readonly sweep: readonly number[];
  /** The search for the highest rate that holds, in place of one rate; `null` for none. */
  readonly search: SearchPlan | null;
  readonly scrape: ScrapePlan;
  readonly map: MapChoice;
  /** Response header that names the worker, lower case. */
  readonly workerHeader: string;
  /** The quantile that counts as the tail, 0.5 … 0.9999. */
  readonly tailQuantile: number;
  /** Percentiles that distributions list, beside the standing 50 75 90 99 99.9. */
  readonly percentiles: readonly number[];
}

export type MapChoice = "auto" | "epoll" | "header" | "unwind" | "serial" | "none";

export interface LabPlan {
  readonly modes: readonly Mode[];
  readonly workers: number;
  /** CPU microseconds to burn on each request; `auto` brings one worker that holds everything to 75–90 %. */
  readonly workUs: number | "auto";
  /** Envoy binary, or `null` to find or install one. */
  readonly envoy: string | null;
  /** When Envoy ends a connection; absent = never. */
  readonly limits?: ConnectionLimits;
  /** A real upstream process, or `null` for a direct response. */
  readonly upstream: UpstreamPlan | null;
  /** Listeners speak TLS, with a certificate that the lab issues itself. */
  readonly tls: boolean;
  /** Envoys in a chain, each listener leading to that of the same mode behind it; absent = 1. */
  readonly hops?: number;
  /** Two labs, one a side of an A/B experiment; `null` for one. */
  readonly sides: Readonly<Record<ABSide, LabSidePlan>> | null;
}

/** A is the baseline, b the candidate. */
export type ABSide = "a" | "b";

/** In what a side's lab differs from the other's. */
export interface LabSidePlan {
  readonly envoy: string | null;
  /** `null`: as many turns as the other side burns, or, on both, as `LabPlan.workUs` says. */
  readonly workUs: number | "auto" | null;
  /** Absent: as `LabPlan.limits` says. */
  readonly limits?: ConnectionLimits;
  readonly upstream: UpstreamPlan | null;
}

/** Limits of a downstream connection, with which a draw of workers does not last; `null` = without. */
export interface ConnectionLimits {
  /** `max_requests_per_connection` */
  readonly maxRequests: number | null;
  /** `max_connection_duration` */
  readonly maxDurationUs: number | null;
}

export interface UpstreamPlan {
  readonly protocol: "http/1.1" | "h2c";
  readonly delayUs: number;
  readonly sizeBytes: number;
  readonly status: number;
}

export interface TargetPlan {
  /** What results call it: the mode, the URL's host and port, or the bootstrap's file name. */
  readonly name: string;
  /** Empty where there are none. */
  readonly side: ABSide | "";
  readonly mode: Mode | null;
  /** Empty until an Envoy of our own is up. */
  readonly url: string;
  /** The user's own configuration, of which an Envoy is started for each run; absent = no such. */
  readonly bootstrap?: BootstrapPlan;
  readonly admin: string | null;
  readonly pid: number | null;
  /** Envoy's name of the listener, or `null` to find it by its address. */
  readonly listener: string | null;
  /** The proxies behind this one, in the order of the path; absent = none that is watched. */
  readonly hops?: readonly HopPlan[];
}

export interface BootstrapPlan {
  /** As given: relative to the working directory. */
  readonly file: string;
  /** Envoy binary, or `null` to find or install one. */
  readonly envoy: string | null;
  readonly workers: number;
}

/** A proxy behind the first: it is watched, and not driven but through those before it. */
export type HopPlan = Pick<TargetPlan, "admin" | "pid" | "listener">;

/** Where `-find-max` looks, and for what. Rates are requests a second. */
export interface SearchPlan {
  /** Absolute gates, as given: what must hold. */
  readonly objectives: readonly string[];
  readonly startQps: number;
  readonly leastQps: number;
  readonly mostQps: number;
  /** It ends where the lowest rate that fails is above the highest that holds by this share at most. */
  readonly resolution: number;
}

export interface ScrapePlan {
  readonly intervalMs: number;
}

/**
 * One part of a load whose rate, or number of connections, changes. Where its end differs from its beginning, it changes
 * evenly. Whole seconds, so that each second of a series belongs to one stage.
 */
export interface StagePlan {
  readonly durationUs: number;
  /** Requests a second over all connections; all 0 under `qps: 0`. */
  readonly fromQps: number;
  readonly toQps: number;
  /** Connections that take part. */
  readonly fromConnections: number;
  readonly toConnections: number;
}

/** One load, as each run repeats it. */
export interface LoadPlan {
  /** Requests a second over all connections; 0 = as fast as it goes. The highest of the stages, where there are any. */
  readonly qps: number;
  /** The most of the stages, where there are any. */
  readonly connections: number;
  /** How often connections send, by slot from the first on; those it does not name weigh 1; none = all alike. */
  readonly connectionWeights: readonly ConnectionWeight[];
  /** One after the other, in place of one rate; none where nothing changes. */
  readonly stages: readonly StagePlan[];
  /** Of all stages together, where there are any. 0 = until `exactly` are made, or until interrupted. */
  readonly durationUs: number;
  /** Exactly so many requests. */
  readonly exactly: number | null;
  /** Load before the measured one, not recorded. */
  readonly warmupUs: number;
  readonly keepalive: boolean;
  /** Who sends the requests: our own clients, or undici (`-stdclient`). */
  readonly client: "fast" | "standard";
  /** Go where a response says, at most 10 times a request: latency counts to the end of the last. */
  readonly followRedirects: boolean;
  /** Accept compressed responses, and decode them. */
  readonly compression: boolean;
  /** Proxies on the way; `null` = none. */
  readonly proxies: ProxyPlan | null;
  readonly protocol: "http/1.0" | "http/1.1" | "h2";
  /** Streams in flight per connection (HTTP/2). */
  readonly streams: number;
  readonly timeoutUs: number;
  readonly arrivals: "fixed" | "poisson";
  /** Connections evenly out of phase. */
  readonly uniform: boolean;
  /** Each gap varies by ±10 %. */
  readonly jitter: boolean;
  /** Give up slots whose connection is still busy, and count them. */
  readonly nocatchup: boolean;
  /** The status that ends the run, −1 for any request without response; `null` for none. */
  readonly abortOn: number | null;
  /** Where false, a run ends whose first request fails. */
  readonly allowInitialErrors: boolean;
  /** How the driver keeps time: by a thread that wakes it, by its own timers, or by never sleeping. */
  readonly pacing: "precise" | "coarse" | "spin";
  /** Driver threads. */
  readonly threads: number;
  /** How kept connections are opened before the load: all at once, one at a time, or so many a second. */
  readonly connect: "burst" | "serial" | number;
  /** A connection is retired after so many requests, drawn for each; `null` = never. */
  readonly connectionReuse: { readonly least: number; readonly most: number } | null;
  /** Path of a Unix domain socket to connect to, whatever the URL's host; `null` = TCP. */
  readonly unixSocket: string | null;
  /** IP addresses to connect to, whatever the URL's host, taken in turn; none = those of the host. */
  readonly resolve: readonly string[];
  /** Which of the host's addresses count; `null` = those of IPv4, or of IPv6 where it has no other. */
  readonly resolveIpType: "ip4" | "ip6" | "ip" | null;
  /** All addresses in turn by connection, resolved once a run; or the first alone. */
  readonly dnsMethod: "cached-rr" | "first";
  /** Close with RST, so that no port waits in TIME_WAIT. */
  readonly linger0: boolean;
  /** Source addresses, taken in turn. */
  readonly localAddresses: readonly string[];
  /** How `https://` targets are connected to; `null` where there are none. */
  readonly tls: TlsPlan | null;
  /** What every request says, or what the kinds of `requests` are made from. */
  readonly request: RequestPlan;
  /** Kinds of request, drawn by weight; none = all are `request`. */
  readonly requests: readonly RequestKindPlan[];
}

/** So many connections that each send `weight` requests in every cycle of as many as the weights of all add up to. */
export interface ConnectionWeight {
  readonly connections: number;
  readonly weight: number;
}

/** URLs of proxies by the scheme of what is asked for; they may hold a password, which outputs redact. */
export interface ProxyPlan {
  readonly http: string | null;
  readonly https: string | null;
  /** Hosts, addresses and networks that are reached without, as in NO_PROXY. */
  readonly except: readonly string[];
}

/** Files are named and read by the driver alone: what a plan does not hold, no result or message can give away. */
export interface TlsPlan {
  /** Take any certificate. */
  readonly insecure: boolean;
  /** Certificates (PEM) of the authorities to trust, or `null` for the system's and Node's. */
  readonly cacert: string | null;
  /** Client certificate and its key (PEM), or `null` for none. */
  readonly cert: string | null;
  readonly key: string | null;
  /** The name to ask for (SNI) and to verify, or `null` for the URL's host. */
  readonly serverName: string | null;
  /** A connection resumes the session of its slot's last one. */
  readonly resume: boolean;
}

/** One kind of request of several. */
export interface RequestKindPlan extends RequestPlan {
  /** What results call it. */
  readonly name: string;
  /** It is drawn so often of as many requests as all weights add up to. */
  readonly weight: number;
  /** Path and query, or `null` for those of the URL. */
  readonly path: string | null;
}

export interface RequestPlan {
  readonly method: string;
  /** In order, beside `host` and what the protocol itself needs. Values may be secret: outputs redact them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Base64, or `null` for none. */
  readonly body: string | null;
}
