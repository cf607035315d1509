import type { LoadPlan } from "../../src/plan/plan.ts";

/** A plain load that tests change where they look. */
export const exampleLoad: LoadPlan = {
  qps: 100,
  connections: 4,
  durationUs: 1e6,
  exactly: null,
  warmupUs: 0,
  keepalive: true,
  protocol: "http/1.1",
  streams: 1,
  timeoutUs: 1e6,
  arrivals: "fixed",
  uniform: true,
  jitter: false,
  nocatchup: false,
  pacing: "precise",
  threads: 1,
  unixSocket: null,
  resolve: [],
  resolveIpType: null,
  dnsMethod: "cached-rr",
  linger0: false,
  localAddresses: [],
  tls: null,
  request: { method: "GET", headers: [], body: null },
};
