/** One load: what was asked for, checked, and everything else resolved. */

import { resolveAmount } from "./amount-plan.ts";
import { resolveClient } from "./client-plan.ts";
import { resolveConnect } from "./connect-plan.ts";
import { resolveConnectionWeights } from "./connection-weights.ts";
import { timerUs } from "./duration.ts";
import { demand, isWhole } from "./impossible.ts";
import type { LoadPlan, ProxyPlan } from "./plan.ts";
import type { StepProfile } from "./profile.ts";
import { resolveRequestKinds } from "./request-kinds.ts";
import { resolveRequest } from "./request-plan.ts";
import { resolveTls } from "./tls-plan.ts";

/** A request costs one driver thread 10 µs flat out and up to 80 µs when paced: 20 000/s leave it room. */
const qpsPerThread = 20_000;
const mostThreads = 4;
const mostStreams = 10_000;
const mostInFlight = 4_000_000;

export interface LoadDefaults {
  readonly qps: number;
  readonly connections: number;
  readonly allowInitialErrors: boolean;
  readonly tls: "lab" | "targets" | null;
  readonly proxies: ProxyPlan | null;
}

/**
 * Resolves a load. `seed` is for drawn payloads only, `defaults.tls` says whose certificates there are to verify,
 * `defaults.proxies` what the environment has of proxies.
 *
 * @throws MeshLoadError PLAN_IMPOSSIBLE, naming the flag
 */
export function resolveLoad(load: StepProfile, defaults: LoadDefaults, seed: number): LoadPlan {
  const amount = resolveAmount(load, defaults);
  const request = resolveRequest(load.request ?? {}, seed);
  const keepalive = load.keepalive ?? true;
  return {
    ...amount,
    connectionWeights: resolveConnectionWeights(load, { ...amount, keepalive }),
    warmupUs: timerUs("-warmup", load.warmup ?? "0"),
    keepalive,
    ...resolveClient(load, request, defaults.proxies),
    ...resolveProtocol(load, amount.connections),
    timeoutUs: resolveTimeout(load.timeout ?? "3s"),
    ...resolveArrivals(load),
    nocatchup: load.nocatchup ?? false,
    ...resolveStops(load, defaults),
    pacing: load.pacing ?? "precise",
    threads: resolveThreads(load.threads ?? 0, amount),
    ...resolveConnect(load),
    // A redirect may lead from plain text to TLS.
    tls: resolveTls(load.tls ?? {}, defaults.tls ?? (load.followRedirects === true ? "targets" : null)),
    request,
    requests: resolveRequestKinds(load, seed),
  };
}

function resolveProtocol(load: StepProfile, connections: number): Pick<LoadPlan, "protocol" | "streams"> {
  const { protocol = "http/1.1", streams = 1, keepalive } = load;
  demand(
    isWhole(streams, 1, mostStreams),
    `-s ${streams} is no number of requests in flight`,
    `Use a whole number, 1 to ${mostStreams}.`,
  );
  demand(
    streams === 1 || protocol === "h2",
    `-s ${streams} needs HTTP/2: a connection of HTTP/1.1 has one request in flight`,
    "Add -h2, or use more connections with -c.",
  );
  demand(
    streams === 1 || keepalive !== false,
    `-s ${streams} and -keepalive=false contradict each other: a connection for each request has one in flight`,
    "Keep one of the two.",
  );
  demand(
    protocol !== "http/1.0" || load.client !== "standard",
    "-http1.0 and -stdclient do not go together: undici speaks HTTP/1.1 and HTTP/2",
    "Leave one of the two out.",
  );
  demand(
    connections * streams <= mostInFlight,
    `-c ${connections} with -s ${streams} makes more than ${mostInFlight} requests in flight`,
    "Use fewer connections, or fewer requests on each.",
  );
  return { protocol, streams };
}

function resolveTimeout(text: string): number {
  const us = timerUs("-timeout", text);
  demand(us > 0, `-timeout ${text}: a request needs some time`, "Use -timeout 3s, or longer.");
  return us;
}

function resolveArrivals({ arrivals = "fixed", uniform, jitter = false }: StepProfile) {
  demand(
    arrivals === "fixed" || !jitter,
    "-jitter varies a fixed schedule, and -arrivals poisson has none",
    "Keep one of the two.",
  );
  return { arrivals, uniform: uniform ?? true, jitter };
}

function resolveStops(
  { abortOn, allowInitialErrors }: StepProfile,
  defaults: LoadDefaults,
): Pick<LoadPlan, "abortOn" | "allowInitialErrors"> {
  demand(
    abortOn === undefined || abortOn === -1 || isWhole(abortOn, 100, 999),
    `-abort-on ${abortOn} is no status`,
    "Use a status such as 503, or -1 for requests without response.",
  );
  return { abortOn: abortOn ?? null, allowInitialErrors: allowInitialErrors ?? defaults.allowInitialErrors };
}

// As fast as it goes (qps 0), one thread already loads Envoy's workers; more would take their cores away.
function resolveThreads(threads: number, { qps, connections }: { qps: number; connections: number }): number {
  demand(
    isWhole(threads, 0, 256),
    `-threads ${threads} is out of range`,
    "Use 1 to 256, or 0 to let the rate decide.",
  );
  demand(
    threads <= connections,
    `-threads ${threads} leaves some threads without one of -c ${connections} connections`,
    `Use -threads ${connections} or fewer.`,
  );
  if (threads > 0) return threads;
  return Math.max(1, Math.min(mostThreads, connections, Math.ceil(qps / qpsPerThread)));
}
