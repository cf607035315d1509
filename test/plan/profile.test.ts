import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createPlan } from "../../src/plan/create-plan.ts";
import { parseProfile } from "../../src/plan/profile.ts";
import type { Profile } from "../../src/plan/profile.ts";
import { thrown } from "../thrown.ts";

const profiles = new URL("../../profiles/", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, profiles), "utf8");
const own = readdirSync(profiles).filter((file) => file.endsWith(".yaml"));

type Complete<T> = T extends readonly (infer Item)[]
  ? Complete<Item>[]
  : T extends object
    ? { [K in keyof T]-?: Complete<NonNullable<T[K]>> }
    : T;

/** Every key that the type has: tsc refuses one too many and one too few. */
const complete: Complete<Omit<Profile, "load">> & {
  load: Complete<Omit<NonNullable<Profile["load"]>, "request" | "requests">>;
} = {
  labels: "all",
  runId: 7,
  seed: 1,
  lab: {
    modes: ["default"],
    workers: 2,
    work: "auto",
    envoy: "/usr/bin/envoy",
    maxRequestsPerConnection: 1000,
    maxConnectionDuration: "10s",
    tls: true,
    hops: 2,
    upstream: { protocol: "h2c", delay: "5ms", size: 10, status: 200 },
    sides: {
      a: {
        envoy: "/a",
        work: 1,
        maxRequestsPerConnection: 1,
        maxConnectionDuration: "1s",
        upstream: { protocol: "h2c", delay: "5ms", size: 10, status: 200 },
      },
      b: {
        envoy: "/b",
        work: 2,
        maxRequestsPerConnection: 2,
        maxConnectionDuration: "2s",
        upstream: { protocol: "h2c", delay: "6ms", size: 10, status: 200 },
      },
    },
  },
  targets: [
    {
      url: "http://h/",
      bootstrap: "h.yaml",
      side: "a",
      name: "a",
      mode: "default",
      admin: "http://h:1",
      pid: 2,
      listener: "l",
      hops: [{ admin: "http://h:3", pid: 4, listener: "m" }],
    },
  ],
  admin: "http://h:1",
  pid: 2,
  listener: "l",
  hops: [{ admin: "http://h:3", pid: 4, listener: "m" }],
  repetitions: 3,
  findMax: ["p99<10ms"],
  load: {
    qps: 1.5,
    connections: 2,
    connectionWeights: [{ connections: 1, weight: 9 }],
    duration: "1m30s",
    exactly: 10,
    calcQps: true,
    stages: [{ duration: "10s", qps: 5, connections: 2, ramp: "linear" }],
    warmup: "0",
    keepalive: true,
    client: "standard",
    followRedirects: true,
    compression: true,
    proxy: "http://h:3128",
    protocol: "h2",
    streams: 4,
    timeout: "250ms",
    arrivals: "poisson",
    uniform: true,
    jitter: false,
    nocatchup: false,
    abortOn: 503,
    allowInitialErrors: true,
    pacing: "coarse",
    threads: 1,
    connect: "200/s",
    connectionReuse: "10:30",
    unixSocket: "/run/a.sock",
    resolve: ["127.0.0.3"],
    resolveIpType: "ip",
    dnsMethod: "first",
    linger0: true,
    localAddresses: ["127.0.0.2"],
    tls: { insecure: true, cacert: "ca", cert: "c", key: "k", serverName: "s", resume: true },
  },
  map: "epoll",
  workerHeader: "x-worker",
  tail: 0.99,
  percentiles: [50, 99.9],
};
const request: Complete<Omit<NonNullable<NonNullable<Profile["load"]>["request"]>, "headers">> = {
  method: "PUT",
  payload: "text",
  payloadBase64: "dGV4dA==",
  payloadSize: 4,
};
const headers = { "x-a": "1", "x-b": ["2", "3"] };
const everything = {
  ...complete,
  load: {
    ...complete.load,
    request: { ...request, headers },
    requests: [{ name: "a", weight: 2, path: "/a", ...request, headers }],
  },
};

/** Every key a value has: `.a`, `.a.b`, `.a[].c`. */
function* keysOf(value: unknown, path = ""): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* keysOf(item, `${path}[]`);
  else if (typeof value === "object" && value !== null && !path.endsWith("headers"))
    for (const [key, part] of Object.entries(value)) {
      yield `${path}.${key}`;
      yield* keysOf(part, `${path}.${key}`);
    }
}

interface SchemaNode {
  $ref?: string;
  properties?: Record<string, SchemaNode>;
  items?: SchemaNode;
}

const schema = JSON.parse(read("profile.schema.json")) as SchemaNode & {
  definitions: Record<string, SchemaNode>;
};
const loadKeys = Object.keys(schema.definitions["load"]!.properties!);

function* keysOfSchema(node: SchemaNode, path = ""): Generator<string> {
  const { properties = {}, items } = node.$ref ? schema.definitions[node.$ref.split("/").at(-1)!]! : node;
  if (items !== undefined) yield* keysOfSchema(items, `${path}[]`);
  for (const [key, part] of Object.entries(properties)) {
    yield `${path}.${key}`;
    yield* keysOfSchema(part, `${path}.${key}`);
  }
}

test("the schema and the type have the same keys", () => {
  expect([...keysOfSchema(schema)].sort()).toEqual([...keysOf(everything)].sort());
});

test("a profile that says everything is read as it stands", () => {
  expect(parseProfile(JSON.stringify(everything), "all.yaml")).toEqual(everything);
});

/** Profiles of what is not skew. */
const balanced = new Set(["phase.yaml", "closed-vs-open.yaml"]);

test.each(own)("%s makes a plan, and tells editors its schema", (file) => {
  const plan = createPlan({ profile: parseProfile(read(file), file), freshSeed: 1 });
  const modes = balanced.has(file) ? ["exact_balance"] : ["default", "reuse_port", "exact_balance"];
  expect([...new Set(plan.targets.map(({ name }) => name))]).toEqual(modes);
  expect(read(file).split("\n")[0]).toBe("# yaml-language-server: $schema=./profile.schema.json");
  expect(read("README.md")).toContain(`(${file})`);
});

test("default.yaml says what a plan without any profile does", () => {
  const profile = parseProfile(read("default.yaml"), "default.yaml");
  expect(createPlan({ profile, freshSeed: 1 })).toEqual(createPlan({ freshSeed: 1 }));
});

test("short-lived.yaml is -qps 3000 -c 128 -keepalive=false", () => {
  const { load } = createPlan({ profile: parseProfile(read("short-lived.yaml"), ""), freshSeed: 1 });
  expect(load).toMatchObject({ qps: 3000, connections: 128, keepalive: false, linger0: false });
});

test("ci.yaml has seven repetitions, and smoke.yaml takes seconds", () => {
  expect(createPlan({ profile: parseProfile(read("ci.yaml"), ""), freshSeed: 1 }).repetitions).toBe(7);
  const smoke = createPlan({ profile: parseProfile(read("smoke.yaml"), ""), freshSeed: 1 });
  expect((smoke.targets.length * smoke.repetitions * smoke.load.durationUs) / 1e6).toBe(3);
});

test.each([
  [
    "load:\n  conections: 3",
    "unknown key in a section",
    'PROFILE_INVALID (2): p.yaml:2:3: unknown key "conections" in load | Did you mean "connections"?',
  ],
  [
    "labels: a\nlode: {}",
    "unknown key at the top",
    'PROFILE_INVALID (2): p.yaml:2:1: unknown key "lode" | Did you mean "load"?',
  ],
  [
    "load: {zzzzzz: 1}",
    "nothing near: the known keys",
    `PROFILE_INVALID (2): p.yaml:1:8: unknown key "zzzzzz" in load | Known here: ${loadKeys.join(", ")}.`,
  ],
  [
    "lab:\n  modes: [default, reuse-port]",
    "unknown mode",
    'PROFILE_INVALID (2): p.yaml:2:20: lab.modes[1] must be one of "default", "reuse_port", "exact_balance", "cpu_locality_balance", got "reuse-port" | Did you mean "reuse_port"?',
  ],
  [
    "load:\n  qps: abc",
    "text for a number",
    'PROFILE_INVALID (2): p.yaml:2:8: load.qps must be a number, got "abc" | load.qps: Requests a second over all connections, 0 = as fast as it goes (-qps)',
  ],
  [
    "load:\n  qps: -1",
    "below the least",
    "PROFILE_INVALID (2): p.yaml:2:8: load.qps must be >= 0, got -1 | load.qps: Requests a second over all connections, 0 = as fast as it goes (-qps)",
  ],
  [
    "load:\n  connections: 0",
    "below the least, whole",
    "PROFILE_INVALID (2): p.yaml:2:16: load.connections must be >= 1, got 0 | load.connections: Connections (-c), a list of them for a sweep",
  ],
  [
    "load:\n  duration: 5",
    "a duration without unit",
    "PROFILE_INVALID (2): p.yaml:2:13: load.duration must be text, got 5 | load.duration: a duration such as 250ms, 5s or 1m30s",
  ],
  [
    "load:\n  duration: 5 parsecs",
    "a duration of no known unit",
    'PROFILE_INVALID (2): p.yaml:2:13: load.duration must be a duration such as 250ms, 5s or 1m30s, got "5 parsecs" | ',
  ],
  [
    "lab:\n  work: hard",
    "neither number nor auto",
    'PROFILE_INVALID (2): p.yaml:2:9: lab.work must be auto, or the CPU microseconds that a worker burns on each request (-work), got "hard" | ',
  ],
  [
    "load:\n  stages:\n    - qps: 1",
    "a missing key",
    'PROFILE_INVALID (2): p.yaml:3:7: load.stages[0] lacks "duration" | load.stages[0]: What it does not name stays as it was in the stage before',
  ],
  [
    "targets:\n  - url: http://h/\n    prot: h2",
    "unknown key in a list",
    'PROFILE_INVALID (2): p.yaml:3:5: unknown key "prot" in targets[0] | Known here: url, bootstrap, side, name, mode, admin, pid, listener, hops.',
  ],
  [
    "percentiles: [50, 100]",
    "out of bounds in a list",
    "PROFILE_INVALID (2): p.yaml:1:19: percentiles[1] must be < 100, got 100 | ",
  ],
  ["- 1", "a list for a profile", "PROFILE_INVALID (2): p.yaml:1:1: a profile must be an object | "],
  ["", "nothing", "PROFILE_INVALID (2): p.yaml:1:1: a profile must be an object | "],
  [
    "load: [",
    "YAML that does not end",
    "PROFILE_INVALID (2): p.yaml:1:8: Flow sequence in block collection must be sufficiently indented and end with a ] | ",
  ],
  ["seed: 1\nseed: 2", "a key twice", "PROFILE_INVALID (2): p.yaml:2:1: Map keys must be unique | "],
  [
    "map: head",
    "a word near a known one",
    'PROFILE_INVALID (2): p.yaml:1:6: map must be one of "auto", "epoll", "header", "unwind", "serial", "none", got "head" | Did you mean "header"?',
  ],
])("refuses %j (%s)", async (text, _why, expected) => {
  expect(await thrown(() => parseProfile(text, "p.yaml"))).toBe(expected);
});
