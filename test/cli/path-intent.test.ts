import { expect, test } from "vitest";
import { intentOf } from "../../src/cli/intent.ts";
import { pathIntent } from "../../src/cli/path-intent.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import { thrown } from "../thrown.ts";

const [a, b] = ["http://h:15000", "http://i:15000"];

test("each -admin, with the -pid and -listener in the same place, is a proxy of the path", () => {
  expect(pathIntent({ admin: a })).toEqual({ admin: a });
  expect(pathIntent({ admin: [a, b], pid: ["7", "8"], listener: ["out", "in"] })).toEqual({
    admin: a,
    pid: 7,
    listener: "out",
    hops: [{ admin: b, pid: 8, listener: "in" }],
  });
  expect(pathIntent({ pid: ["7", "8"] })).toEqual({ pid: 7, hops: [{ pid: 8 }] });
  expect(pathIntent({ admin: [a, b], listener: "out" })).toEqual({
    admin: a,
    listener: "out",
    hops: [{ admin: b }],
  });
  expect(pathIntent({ "ab-admin": [a, b] }, "ab-")).toEqual({ admin: a, hops: [{ admin: b }] });
});

test("counts that do not fit are refused: whose value one is would be a guess", async () => {
  expect(await thrown(() => pathIntent({ admin: [a, b], pid: "7" }))).toContain(
    "FLAG_INVALID (2): -admin is given 2 times and -pid once: whose they are is not clear |",
  );
  expect(await thrown(() => pathIntent({ admin: a, listener: ["out", "in"] }))).toContain(
    "-listener is given 2 times, for one proxy",
  );
});

const planned = (values: Parameters<typeof intentOf>[0]) =>
  createPlan({ flags: intentOf(values, ["http://h:1/"], null), freshSeed: 1 });

test("the plan of a target holds the proxies behind the first, and nothing where there are none", () => {
  expect(planned({ admin: [`${a}/`, b] }).targets[0]).toMatchObject({
    admin: a,
    hops: [{ admin: b, pid: null, listener: null }],
  });
  expect(planned({ admin: a }).targets[0]).not.toHaveProperty("hops");
});

test("the same proxy twice is refused, by its admin and by its PID", async () => {
  expect(await thrown(() => planned({ admin: [a, `${a}/`] }))).toContain(
    "hop 2 is the same proxy as hop 1: -admin http://h:15000",
  );
  expect(await thrown(() => planned({ admin: [a, b], pid: ["7", "7"] }))).toContain(
    "hop 2 is the same proxy as hop 1: -pid 7",
  );
});

test("each side of an A/B experiment has its own path", () => {
  const values = { ab: true, admin: [a, b], "ab-admin": ["http://x:1", "http://y:1"] };
  const { targets } = createPlan({
    flags: intentOf(values, ["http://h:1/", "http://x:2/"], null),
    freshSeed: 1,
  });
  expect(targets.map(({ admin, hops }) => [admin, hops?.[0]?.admin])).toEqual([
    [a, b],
    ["http://x:1", "http://y:1"],
  ]);
});
