import { expect, test } from "vitest";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { LoadProfile } from "../../src/plan/profile.ts";
import { redactPlan } from "../../src/plan/redact.ts";
import { thrown } from "../thrown.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const plan = (load: LoadProfile, flags: LoadProfile = {}) =>
  createPlan({ profile: { targets: [{ url: "http://h/a" }], load }, flags: { load: flags }, freshSeed: 1 });

test("a kind takes from the request what it leaves open, header by header, and flags reach all of them", () => {
  const { requests } = plan(
    {
      request: { headers: { "x-all": "1", "X-Own": "base" }, payload: "base" },
      requests: [
        { weight: 3, path: "/a b?c={uuid}" },
        { name: "put", method: "PUT", headers: { "x-own": "own" }, payload: "own" },
        { method: "GET", payload: "" },
      ],
    },
    { request: { headers: { "x-flag": "f" } } },
  ).load;
  const type = ["content-type", "application/octet-stream"];
  expect(requests).toEqual([
    {
      name: "POST /a%20b?c={uuid}",
      weight: 3,
      path: "/a%20b?c={uuid}",
      method: "POST",
      headers: [["x-all", "1"], ["X-Own", "base"], ["x-flag", "f"], type],
      body: base64("base"),
    },
    {
      name: "put",
      weight: 1,
      path: null,
      method: "PUT",
      headers: [["x-all", "1"], ["x-flag", "f"], ["x-own", "own"], type],
      body: base64("own"),
    },
    {
      name: "GET",
      weight: 1,
      path: null,
      method: "GET",
      headers: [
        ["x-all", "1"],
        ["X-Own", "base"],
        ["x-flag", "f"],
      ],
      body: null,
    },
  ]);
});

test("a URL keeps {uuid} as it is written", () => {
  const { targets } = createPlan({
    profile: { targets: [{ url: "http://h/a/{uuid}?b={uuid}" }] },
    freshSeed: 1,
  });
  expect(targets[0]!.url).toBe("http://h/a/{uuid}?b={uuid}");
});

test("no result shows a kind's secrets", () => {
  const { requests } = redactPlan(
    plan({ requests: [{ headers: { authorization: "Basic x", "x-a": "1" }, payload: "secret" }] }),
  ).load;
  expect(requests[0]!.headers).toContainEqual(["authorization", "redacted"]);
  expect(requests[0]!.headers).toContainEqual(["x-a", "1"]);
  expect(requests[0]!.body).toBe("redacted (6 bytes)");
});

test.each<[LoadProfile["requests"], string]>([
  [[{ path: "a" }], 'PLAN_IMPOSSIBLE (2): load.requests[0].path "a" is no path | Write /PATH?QUERY.'],
  [
    [{ weight: 1.5 }],
    "PLAN_IMPOSSIBLE (2): load.requests[0].weight 1.5 is out of range | Use a whole number, 1 to 1000.",
  ],
  [
    [{ path: "/a" }, { path: "/a" }],
    "PLAN_IMPOSSIBLE (2): load.requests: two kinds of request are called GET /a | Give them names of their own.",
  ],
  [
    [{ headers: { connection: "close" } }],
    "PLAN_IMPOSSIBLE (2): -H connection: mesh-load writes this header itself | Use -keepalive=false to close after each response.",
  ],
])("refuses %j", async (requests, expected) => {
  expect(await thrown(() => plan({ requests: requests! }))).toBe(expected);
});
