import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { Profile } from "../../src/plan/profile.ts";
import { thrown } from "../thrown.ts";
import { exampleLoad } from "./example-load.ts";

const plan = (flags: Profile, profile: Profile = {}) => createPlan({ profile, flags, freshSeed: 7 });

test("without anything it is the lab: three modes, three times 5 s of 3000 qps over 128 connections", () => {
  const { lab, targets, repetitions, load, labels, seed } = createPlan({ freshSeed: 7 });
  expect(lab).toEqual({
    modes: ["default", "reuse_port", "exact_balance"],
    workers: 2,
    workUs: "auto",
    envoy: null,
    tls: false,
    upstream: null,
    sides: null,
  });
  const unknown = { admin: null, pid: null, listener: null };
  expect(targets[1]).toEqual({ name: "reuse_port", side: "", mode: "reuse_port", url: "", ...unknown });
  expect({ repetitions, labels, seed }).toEqual({ repetitions: 3, labels: "lab", seed: 7 });
  // The example is what defaults make of everything else.
  expect(load).toEqual({ ...exampleLoad, qps: 3000, connections: 128, durationUs: 5e6, timeoutUs: 3e6 });
});

test("a URL alone gets Fortio's 4 connections, 8 qps and 5 s, once", () => {
  const { lab, targets, repetitions, load, labels } = plan({ targets: [{ url: "http://h:8080" }] });
  expect(lab).toBeNull();
  expect(targets).toEqual([
    { name: "h:8080", side: "", mode: null, url: "http://h:8080/", admin: null, pid: null, listener: null },
  ]);
  expect([load.connections, load.qps, load.durationUs, repetitions, labels]).toEqual([
    4,
    8,
    5e6,
    1,
    "h:8080",
  ]);
});

test("what holds for the whole proxy reaches every target that does not say otherwise", () => {
  const { targets } = plan({
    targets: [
      { url: "http://h:1", mode: "default" },
      { url: "http://h:2", mode: "reuse_port", admin: "http://other:9/", pid: 5, listener: "edge" },
    ],
    admin: "http://h:15000/",
    pid: 4,
  });
  expect(targets.map(({ name, admin, pid, listener }) => [name, admin, pid, listener])).toEqual([
    ["default", "http://h:15000", 4, null],
    ["reuse_port", "http://other:9", 5, "edge"],
  ]);
});

test("the standing percentiles, the tail and the mapping have their defaults", () => {
  const { percentiles, tailQuantile, map, workerHeader, scrape } = plan({ workerHeader: "X-Envoy-Worker" });
  expect({ percentiles, tailQuantile, map, workerHeader, scrape }).toEqual({
    percentiles: [50, 75, 90, 99, 99.9],
    tailQuantile: 0.99,
    map: "auto",
    workerHeader: "x-envoy-worker",
    scrape: { intervalMs: 1000 },
  });
});

const anyLoad = fc.record(
  {
    qps: fc.oneof(fc.constant(0), fc.double({ min: 1, max: 1e5, noNaN: true })),
    connections: fc.integer({ min: 1, max: 500 }),
    duration: fc.constantFrom("1s", "5s", "1m30s"),
    warmup: fc.constantFrom("0", "250ms"),
    keepalive: fc.boolean(),
    uniform: fc.boolean(),
    pacing: fc.constantFrom("precise" as const, "coarse" as const, "spin" as const),
    localAddresses: fc.constantFrom(["127.0.0.2"], ["127.0.0.2", "::1"]),
    request: fc.record(
      { method: fc.constantFrom("GET", "PUT"), payloadSize: fc.nat(50) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
const anyProfile: fc.Arbitrary<Profile> = fc.record(
  { labels: fc.string(), seed: fc.nat(), repetitions: fc.integer({ min: 1, max: 20 }), load: anyLoad },
  { requiredKeys: [] },
);

test("any plan is frozen throughout, survives JSON, and is the same again for the same intent", () => {
  fc.assert(
    fc.property(anyProfile, anyProfile, (profile, flags) => {
      const made = createPlan({ profile, flags, freshSeed: 1 });
      expect(unfrozen(made)).toEqual([]);
      expect(JSON.parse(JSON.stringify(made))).toEqual(made);
      expect(createPlan({ profile, flags, freshSeed: 1 })).toEqual(made);
    }),
  );
});

test("what a flag says is in the plan, whatever the profile says", () => {
  fc.assert(
    fc.property(anyProfile, anyProfile, (profile, flags) => {
      const { load, ...rest } = createPlan({ profile, flags, freshSeed: 1 });
      const expected = { ...profile.load, ...flags.load };
      expect(load.qps).toBe(expected.qps ?? 3000);
      expect(load.connections).toBe(expected.connections ?? 128);
      expect(load.keepalive).toBe(expected.keepalive ?? true);
      expect(rest.seed).toBe(flags.seed ?? profile.seed ?? 1);
      expect(rest.repetitions).toBe(flags.repetitions ?? profile.repetitions ?? 3);
    }),
  );
});

const oneUrl = [{ url: "http://h" }];

test.each<[flags: Profile, why: string, expected: string]>([
  [
    { load: { connections: 0 } },
    "no connection",
    "PLAN_IMPOSSIBLE (2): -c 0 is no number of connections | Use a whole number, 1 to 1000000.",
  ],
  [
    { load: { connections: -3 } },
    "fewer than none",
    "PLAN_IMPOSSIBLE (2): -c -3 is no number of connections | Use a whole number, 1 to 1000000.",
  ],
  [
    { load: { connections: 1.5 } },
    "half a connection",
    "PLAN_IMPOSSIBLE (2): -c 1.5 is no number of connections | Use a whole number, 1 to 1000000.",
  ],
  [
    { load: { connections: Number.NaN } },
    "not a number of connections",
    "PLAN_IMPOSSIBLE (2): -c NaN is no number of connections | Use a whole number, 1 to 1000000.",
  ],
  [
    { load: { qps: -1 } },
    "Fortio's maximum, which is 0 here",
    "PLAN_IMPOSSIBLE (2): -qps -1 is no rate | Use -qps 0 for as fast as it goes.",
  ],
  [
    { load: { qps: Number.NaN } },
    "not a rate",
    "PLAN_IMPOSSIBLE (2): -qps NaN is no rate | Use -qps 0 for as fast as it goes.",
  ],
  [
    { load: { qps: 0.1, duration: "5s" } },
    "not one request",
    "PLAN_IMPOSSIBLE (2): -qps 0.1 for -t 5s makes not one whole request | Raise -qps, or run longer with -t.",
  ],
  [
    { load: { exactly: 100, duration: "5s" } },
    "count and time",
    "PLAN_IMPOSSIBLE (2): -n 100 and -t 5s contradict each other: a load ends by count or by time | Keep one of the two.",
  ],
  [
    { load: { exactly: 100 } },
    "more connections than requests",
    "PLAN_IMPOSSIBLE (2): -n 100 leaves some of -c 128 without a request | Use -c 100 or less, or -n 128 or more.",
  ],
  [
    { load: { exactly: 0 } },
    "no request",
    "PLAN_IMPOSSIBLE (2): -n 0: the count must be a whole number, at least 1 | Use -n 1 or more.",
  ],
  [{ load: { duration: "5" } }, "no unit", "PLAN_IMPOSSIBLE (2): -t 5 is no duration | Write -t 5s."],
  [
    { load: { timeout: "597h" } },
    "longer than a timer waits",
    "PLAN_IMPOSSIBLE (2): -timeout 597h is longer than can be waited for | Use -timeout 596h or less.",
  ],
  [
    { load: { warmup: "9999h" } },
    "a warm-up that long",
    "PLAN_IMPOSSIBLE (2): -warmup 9999h is longer than can be waited for | Use -warmup 596h or less.",
  ],
  [
    { lab: { upstream: { delay: "597h" } } },
    "an upstream that slow",
    "PLAN_IMPOSSIBLE (2): -upstream-delay 597h is longer than can be waited for | Use -upstream-delay 596h or less.",
  ],
  [
    { load: { duration: "soon" } },
    "no duration",
    "PLAN_IMPOSSIBLE (2): -t soon is no duration | Write 250ms, 5s or 1m30s.",
  ],
  [
    { load: { duration: "0" } },
    "endless, nine times",
    "PLAN_IMPOSSIBLE (2): -t 0 never ends the first of 9 runs | Drive one target once: one URL or one of -modes, one -c, and -reps 1.",
  ],
  [
    { load: { timeout: "0" } },
    "no time to answer",
    "PLAN_IMPOSSIBLE (2): -timeout 0: a request needs some time | Use -timeout 3s, or longer.",
  ],
  [
    { load: { warmup: "-1s" } },
    "a warm-up of less than nothing",
    "PLAN_IMPOSSIBLE (2): -warmup -1s is no duration | Write 250ms, 5s or 1m30s.",
  ],
  [
    { load: { threads: 200 } },
    "more threads than connections",
    "PLAN_IMPOSSIBLE (2): -threads 200 leaves some threads without one of -c 128 connections | Use -threads 128 or fewer.",
  ],
  [
    { load: { threads: 1000 } },
    "too many threads",
    "PLAN_IMPOSSIBLE (2): -threads 1000 is out of range | Use 1 to 256, or 0 to let the rate decide.",
  ],
  [
    { load: { arrivals: "poisson", jitter: true } },
    "jitter on what is random",
    "PLAN_IMPOSSIBLE (2): -jitter varies a fixed schedule, and -arrivals poisson has none | Keep one of the two.",
  ],
  [
    { load: { streams: 4 } },
    "streams of HTTP/1.1",
    "PLAN_IMPOSSIBLE (2): -s 4 needs HTTP/2: a connection of HTTP/1.1 has one request in flight | Add -h2, or use more connections with -c.",
  ],
  [
    { load: { protocol: "h2", streams: 0 } },
    "no streams",
    "PLAN_IMPOSSIBLE (2): -s 0 is no number of requests in flight | Use a whole number, 1 to 10000.",
  ],
  [
    { load: { protocol: "h2", streams: 2, keepalive: false } },
    "streams of short-lived connections",
    "PLAN_IMPOSSIBLE (2): -s 2 and -keepalive=false contradict each other: a connection for each request has one in flight | Keep one of the two.",
  ],
  [
    { load: { protocol: "h2", connections: 1000, streams: 5000 } },
    "streams beyond memory",
    "PLAN_IMPOSSIBLE (2): -c 1000 with -s 5000 makes more than 4000000 requests in flight | Use fewer connections, or fewer requests on each.",
  ],
  [
    { load: { localAddresses: ["localhost"] } },
    "a name for an address",
    'PLAN_IMPOSSIBLE (2): -local-addresses: "localhost" is no IP address | Write 127.0.0.2,127.0.0.3.',
  ],
  [{ repetitions: 0 }, "no run", "PLAN_IMPOSSIBLE (2): -reps 0 is out of range | Use 1 to 1000."],
  [
    { seed: -1 },
    "a seed below 0",
    "PLAN_IMPOSSIBLE (2): -seed -1 is out of range | Use a whole number, 0 to 4294967295.",
  ],
  [
    { tail: 99 },
    "a percentile for a quantile",
    "PLAN_IMPOSSIBLE (2): -tail 99 is no quantile of the tail | Write -tail 0.99.",
  ],
  [
    { tail: 0.3 },
    "no tail",
    "PLAN_IMPOSSIBLE (2): -tail 0.3 is no quantile of the tail | Use 0.5 to 0.9999, such as 0.99.",
  ],
  [
    { percentiles: [50, 0] },
    "percentile 0",
    "PLAN_IMPOSSIBLE (2): -p 0: a percentile lies between 0 and 100 | Write 50,90,99,99.9.",
  ],
  [
    { percentiles: [100] },
    "percentile 100",
    "PLAN_IMPOSSIBLE (2): -p 100: a percentile lies between 0 and 100 | Write 50,90,99,99.9.",
  ],
  [
    { workerHeader: "x worker" },
    "no header name",
    'PLAN_IMPOSSIBLE (2): -worker-header "x worker" is no header name | Write x-envoy-worker.',
  ],
  [
    { lab: { modes: ["default", "default"] } },
    "a mode twice",
    "PLAN_IMPOSSIBLE (2): -modes names default twice | Use -reps to repeat modes.",
  ],
  [
    { lab: { modes: [] } },
    "no mode",
    "PLAN_IMPOSSIBLE (2): -modes names no mode | Write -modes default,reuse_port,exact_balance.",
  ],
  [
    { lab: { workers: 0 } },
    "no worker",
    "PLAN_IMPOSSIBLE (2): -workers 0 is out of range | Use 1 to 256 Envoy workers.",
  ],
  [
    { lab: { work: -5 } },
    "less than no work",
    "PLAN_IMPOSSIBLE (2): -work -5 is out of range | Give 0 to 1000000 microseconds of CPU per request, or auto.",
  ],
  [
    { lab: { upstream: { status: 99 } } },
    "no final status",
    "PLAN_IMPOSSIBLE (2): -upstream-status 99 is no final status | Give 200 to 599.",
  ],
  [
    { lab: { upstream: { size: -1 } } },
    "less than no bytes",
    "PLAN_IMPOSSIBLE (2): -upstream-size -1 is out of range | Give 0 to 104857600 bytes.",
  ],
  [
    { lab: { upstream: { delay: "5" } } },
    "an upstream delay without unit",
    "PLAN_IMPOSSIBLE (2): -upstream-delay 5 is no duration | Write -upstream-delay 5s.",
  ],
  [
    { admin: "http://h:15000" },
    "an admin beside the lab",
    "PLAN_IMPOSSIBLE (2): -admin is for an Envoy of yours, and the lab starts its own | Give its URL too.",
  ],
  [
    { pid: 3 },
    "a process beside the lab",
    "PLAN_IMPOSSIBLE (2): -pid is for an Envoy of yours, and the lab starts its own | Give its URL too.",
  ],
  [
    { targets: oneUrl, lab: { modes: ["default"], workers: 4 } },
    "the lab's flags with a URL",
    "PLAN_IMPOSSIBLE (2): -modes, -workers: for the lab's Envoy only, and URLs are driven as they are | Leave them out, or leave the URL out to use the lab; MODE=URL says a listener's mode.",
  ],
  [
    { targets: oneUrl, lab: { tls: true } },
    "the lab's TLS with a URL",
    "PLAN_IMPOSSIBLE (2): -tls: for the lab's Envoy only, and URLs are driven as they are | For TLS write https:// in the URL. Leave them out, or leave the URL out to use the lab; MODE=URL says a listener's mode.",
  ],
  [
    { targets: [] },
    "no target at all",
    "PLAN_IMPOSSIBLE (2): there is no target | Give a URL, or none at all to use the lab.",
  ],
  [
    { targets: [...oneUrl, ...oneUrl] },
    "a target twice",
    "PLAN_IMPOSSIBLE (2): two targets are called h | Use -reps to repeat one, or give them names in a profile.",
  ],
  [
    {
      targets: [
        { url: "http://h:1", mode: "default" },
        { url: "http://h:2", mode: "default" },
      ],
    },
    "a mode for two",
    "PLAN_IMPOSSIBLE (2): two targets are called default | Use -reps to repeat one, or give them names in a profile.",
  ],
  [
    { targets: [...oneUrl, { url: "http://i" }], listener: "edge" },
    "a listener for two",
    "PLAN_IMPOSSIBLE (2): -listener edge cannot be the listener of 2 URLs | Leave it out: listeners are found by their address.",
  ],
  [
    { targets: oneUrl, pid: 0 },
    "process 0",
    "PLAN_IMPOSSIBLE (2): -pid 0 is no process | Give the PID of Envoy.",
  ],
  [
    { targets: oneUrl, admin: "h:15000" },
    "an admin without scheme",
    "PLAN_IMPOSSIBLE (2): -admin h:15000 has no scheme | Write http://h:15000",
  ],
])("refuses %j (%s)", async (flags, _why, expected) => {
  expect(await thrown(() => plan(flags))).toBe(expected);
});

function unfrozen(value: unknown, path = "plan"): string[] {
  if (typeof value !== "object" || value === null) return [];
  const below = Object.entries(value).flatMap(([key, part]) => unfrozen(part, `${path}.${key}`));
  return Object.isFrozen(value) ? below : [path, ...below];
}
