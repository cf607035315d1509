/** Targets of known truth that the attribution is judged by. */

import { exponential, lognormal, shiftedExponential, sometimes } from "./simulated-target.ts";
import type { Scenario } from "./simulated-target.ts";

/** 273 µs of CPU a request: a worker with an equal share is 41 % busy, one that holds everything 82 %. */
const busy: Scenario = {
  workers: 2,
  connections: 128,
  qps: 3000,
  durationS: 5,
  arrivals: "poisson",
  service: shiftedExponential(73, 200),
};

export const scenarios = {
  poisson: busy,
  fixed: { ...busy, arrivals: "fixed" },
  "fixed, lognormal": { ...busy, arrivals: "fixed", service: lognormal(273, 1) },
  "runs that differ": { ...busy, runSigma: 0.08 },
  "slow upstream too": { ...busy, upstream: exponential(500) },
  "driver lag too": { ...busy, lag: exponential(300) },
  "stalls of all workers": { ...busy, stalls: { worker: "all", perS: 1, lasting: exponential(8000) } },
  /** 4 % busy: skew does nothing, and the tail is the upstream's. */
  "no effect": {
    ...busy,
    service: shiftedExponential(13, 10),
    upstream: sometimes(0.02, exponential(10_000)),
  },
  "noisy worker, no effect": {
    ...busy,
    service: shiftedExponential(13, 10),
    stalls: { worker: 0, perS: 3, lasting: exponential(15_000) },
  },
  "noisy worker and skew": { ...busy, stalls: { worker: 0, perS: 2, lasting: exponential(8000) } },
  "fixed, slow upstream too": { ...busy, arrivals: "fixed", upstream: exponential(500) },
  "fixed, driver lag too": { ...busy, arrivals: "fixed", lag: exponential(300) },
  "fixed, no effect": {
    ...busy,
    arrivals: "fixed",
    service: shiftedExponential(13, 10),
    upstream: sometimes(0.02, exponential(10_000)),
  },
  /** One connection sends a seventh of the requests: the worker that holds it has more than its connections say. */
  "heavy connection too": { ...busy, heavyTimes: 20 },
  "fixed, heavy connection too": { ...busy, arrivals: "fixed", heavyTimes: 20 },
  "four workers": { ...busy, workers: 4, qps: 4500 },
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof scenarios;
