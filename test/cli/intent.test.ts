import { expect, test } from "vitest";
import { runFlags } from "../../src/cli/flags.ts";
import { intentOf } from "../../src/cli/intent.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { Profile } from "../../src/plan/profile.ts";
import { thrown } from "../thrown.ts";

const nothing: Profile = { load: { request: {} } };

/** A value for each flag of `run` that shapes the plan, and what it says in a profile. */
const said: Record<string, [value: string | boolean | string[], profile: Profile]> = {
  c: ["5", { load: { connections: 5 } }],
  qps: ["1.5", { load: { qps: 1.5 } }],
  t: ["1m30s", { load: { duration: "1m30s" } }],
  n: ["500", { load: { exactly: 500 } }],
  reps: ["7", { repetitions: 7 }],
  warmup: ["250ms", { load: { warmup: "250ms" } }],
  keepalive: [false, { load: { keepalive: false } }],
  h2: [true, { load: { protocol: "h2" } }],
  s: ["4", { load: { streams: 4 } }],
  timeout: ["1s", { load: { timeout: "1s" } }],
  arrivals: ["poisson", { load: { arrivals: "poisson" } }],
  uniform: [false, { load: { uniform: false } }],
  jitter: [true, { load: { jitter: true } }],
  runid: ["42", { runId: 42 }],
  "calc-qps": [true, { load: { calcQps: true } }],
  nocatchup: [true, { load: { nocatchup: true } }],
  "abort-on": ["-1", { load: { abortOn: -1 } }],
  "allow-initial-errors": [true, { load: { allowInitialErrors: true } }],
  H: [["a: 1", "A:2", "b:c:d "], { load: { request: { headers: { a: ["1"], A: ["2"], b: ["c:d"] } } } }],
  X: ["PUT", { load: { request: { method: "PUT" } } }],
  payload: ["x", { load: { request: { payload: "x" } } }],
  "payload-size": ["3", { load: { request: { payloadSize: 3 } } }],
  "content-type": ["a/b", { load: { request: { headers: { "content-type": ["a/b"] } } } }],
  // RFC 7617 §2
  user: [
    "Aladdin:open sesame",
    { load: { request: { headers: { authorization: ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="] } } } },
  ],
  k: [true, { load: { tls: { insecure: true } } }],
  "https-insecure": [false, { load: { tls: { insecure: false } } }],
  cacert: ["ca.pem", { load: { tls: { cacert: "ca.pem" } } }],
  cert: ["me.pem", { load: { tls: { cert: "me.pem" } } }],
  key: ["me.key", { load: { tls: { key: "me.key" } } }],
  sni: ["a.example", { load: { tls: { serverName: "a.example" } } }],
  "tls-resume": [true, { load: { tls: { resume: true } } }],
  tls: [true, { lab: { tls: true } }],
  hops: ["2", { lab: { hops: 2 } }],
  modes: ["default, reuse_port", { lab: { modes: ["default", "reuse_port"] } }],
  workers: ["4", { lab: { workers: 4 } }],
  work: ["250", { lab: { work: 250 } }],
  upstream: ["h2c", { lab: { upstream: { protocol: "h2c" } } }],
  "upstream-delay": ["5ms", { lab: { upstream: { delay: "5ms" } } }],
  "upstream-size": ["10", { lab: { upstream: { size: 10 } } }],
  "upstream-status": ["503", { lab: { upstream: { status: 503 } } }],
  "max-requests-per-connection": ["100", { lab: { maxRequestsPerConnection: 100 } }],
  "max-connection-duration": ["10s", { lab: { maxConnectionDuration: "10s" } }],
  envoy: ["/opt/envoy", { lab: { envoy: "/opt/envoy" } }],
  admin: ["http://h:15000", { admin: "http://h:15000" }],
  pid: ["42", { pid: 42 }],
  listener: ["edge", { listener: "edge" }],
  threads: ["2", { load: { threads: 2 } }],
  pacing: ["coarse", { load: { pacing: "coarse" } }],
  connect: ["200/s", { load: { connect: "200/s" } }],
  "sequential-warmup": [true, { load: { connect: "serial" } }],
  "connection-reuse": ["10:30", { load: { connectionReuse: "10:30" } }],
  "http1.0": [true, { load: { protocol: "http/1.0" } }],
  "unix-socket": ["/run/a.sock", { load: { unixSocket: "/run/a.sock" } }],
  resolve: ["127.0.0.2, ::1", { load: { resolve: ["127.0.0.2", "::1"] } }],
  "resolve-ip-type": ["ip6", { load: { resolveIpType: "ip6" } }],
  "dns-method": ["first", { load: { dnsMethod: "first" } }],
  linger0: [true, { load: { linger0: true } }],
  L: [true, { load: { followRedirects: true } }],
  compression: [true, { load: { compression: true } }],
  proxy: ["http://h:3128", { load: { proxy: "http://h:3128" } }],
  stdclient: [true, { load: { client: "standard" } }],
  "local-addresses": ["127.0.0.2, ::1", { load: { localAddresses: ["127.0.0.2", "::1"] } }],
  seed: ["9", { seed: 9 }],
  map: ["unwind", { map: "unwind" }],
  "worker-header": ["x-w", { workerHeader: "x-w" }],
  tail: ["0.999", { tail: 0.999 }],
  p: ["50, 99.9", { percentiles: [50, 99.9] }],
  labels: ["a b", { labels: "a b" }],
};

/** Flags that say nothing of the plan, or only together: where the profile is, and what becomes of the result. */
const aside = [
  "find-max",
  "slo",
  "ab",
  "ab-envoy",
  "ab-work",
  "ab-upstream-delay",
  "ab-admin",
  "ab-pid",
  "gate",
  "gates",
  "allow-inconclusive",
  "access-log-file",
  "access-log-format",
  "log-errors",
  "profile",
  "payload-file",
  "json",
  "csv",
  "data-dir",
  "no-save",
  "gzip",
  "max-failures",
  "strict",
  "quiet",
  "a",
];

test.each(Object.entries(said))("-%s says what its key in a profile says", (name, [value, profile]) => {
  const { load, ...rest } = profile;
  const expected = { ...rest, load: { ...load, request: { ...load?.request } } };
  expect(intentOf({ [name]: value }, [], null)).toEqual(expected);
});

test("every flag of run is known here", () => {
  expect(runFlags.map(({ name }) => name).sort()).toEqual([...Object.keys(said), ...aside].sort());
});

test("no flag says nothing", () => {
  expect(intentOf({}, [], null)).toEqual(nothing);
  expect(createPlan({ flags: intentOf({}, [], null), freshSeed: 1 })).toEqual(createPlan({ freshSeed: 1 }));
});

test("URLs are targets, with or without a mode", () => {
  expect(intentOf({}, ["http://h:1", "default=http://h:2"], null).targets).toEqual([
    { url: "http://h:1/" },
    { mode: "default", url: "http://h:2/" },
  ]);
});

test("a payload file is taken byte by byte", () => {
  expect(intentOf({}, [], Buffer.from([0, 255])).load?.request).toEqual({ payloadBase64: "AP8=" });
});

test("-content-type and -user win over -H, whatever its case", () => {
  const values = { H: ["Content-Type: old", "AUTHORIZATION: old"], "content-type": "new", user: "a:b" };
  expect(intentOf(values, [], null).load?.request?.headers).toEqual({
    "content-type": ["new"],
    authorization: ["Basic YTpi"],
  });
});

test("-h2=false says HTTP/1.1 where a profile says HTTP/2", () => {
  const flags = intentOf({ h2: false }, [], null);
  expect(createPlan({ profile: { load: { protocol: "h2" } }, flags, freshSeed: 1 }).load.protocol).toBe(
    "http/1.1",
  );
});

test("-work auto stays to be found", () => {
  expect(intentOf({ work: "auto" }, [], null).lab).toEqual({ work: "auto" });
});

test.each([
  [{ H: "hush" }, "a header without colon", 'FLAG_INVALID (2): -H lacks a colon | Write -H "Name: value".'],
  [
    { user: "hush" },
    "a user without password",
    "FLAG_INVALID (2): -user lacks a colon | Write -user NAME:PASSWORD.",
  ],
  [
    { work: "hard" },
    "neither number nor auto",
    'FLAG_INVALID (2): -work "hard" is neither microseconds nor auto | Write -work 250, or -work auto.',
  ],
  [
    { p: "50,,99" },
    "an empty percentile",
    'FLAG_INVALID (2): -p: "" is not a number | Write -p 50,90,99,99.9.',
  ],
  [
    { p: "p50" },
    "a percentile with its p",
    'FLAG_INVALID (2): -p: "p50" is not a number | Write -p 50,90,99,99.9.',
  ],
  [
    { modes: "reuse-port" },
    "an unknown mode",
    'PLAN_IMPOSSIBLE (2): "reuse-port" is no listener mode: they are default, reuse_port, exact_balance, cpu_locality_balance | Did you mean "reuse_port"?',
  ],
])("refuses %j (%s)", async (values, _why, expected) => {
  expect(await thrown(() => intentOf(values, [], null))).toBe(expected);
});

test("several numbers of -c are a sweep, and one is none", () => {
  expect(intentOf({ c: "2, 8,1024" }, [], null)).toEqual({
    load: { connections: [2, 8, 1024], request: {} },
  });
  expect(intentOf({ c: "8" }, [], null)).toEqual({ load: { connections: 8, request: {} } });
});

test("-find-max and -slo go together", async () => {
  expect(intentOf({ "find-max": true, slo: ["p99<10ms", "failures==0"] }, [], null)).toEqual({
    findMax: ["p99<10ms", "failures==0"],
    load: { request: {} },
  });
  expect(await thrown(() => intentOf({ "find-max": true }, [], null))).toContain("Add -slo 'p99<10ms'.");
  expect(await thrown(() => intentOf({ slo: "p99<10ms" }, [], null))).toContain(
    "Add -find-max, or use -gate.",
  );
});
