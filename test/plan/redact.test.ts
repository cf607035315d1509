import { expect, test } from "vitest";
import { createPlan } from "../../src/plan/create-plan.ts";
import { redactPlan } from "../../src/plan/redact.ts";

const headers = {
  Authorization: "Basic hush",
  "proxy-authorization": "hush",
  Cookie: "a=hush",
  "X-Api-Key": "hush",
  "x-auth-token": "hush",
  "x-amz-security-token": "hush",
  accept: "text/plain",
};
const plan = createPlan({ profile: { load: { request: { headers, payload: "hush" } } }, freshSeed: 1 });

test("neither credentials nor the body are in a redacted plan, in whatever encoding", () => {
  const text = JSON.stringify(redactPlan(plan));
  expect(text).not.toContain("hush");
  expect(text).not.toContain(Buffer.from("hush").toString("base64"));
});

test("what is no secret stays, and the body's size is told", () => {
  const { request, ...load } = redactPlan(plan).load;
  expect(request.headers).toContainEqual(["accept", "text/plain"]);
  expect(request.headers.map(([name]) => name)).toEqual([...Object.keys(headers), "content-type"]);
  expect(request.body).toBe("redacted (4 bytes)");
  const { request: _, ...before } = plan.load;
  expect(load).toEqual(before);
});

test("the plan that drives keeps its secrets", () => {
  redactPlan(plan);
  expect(plan.load.request.headers[0]).toEqual(["Authorization", "Basic hush"]);
});

test("a proxy's credentials are redacted, and where it is stays", () => {
  const load = { client: "standard", proxy: "http://me:hu%40sh@h:3128" } as const;
  const proxied = redactPlan(createPlan({ profile: { load }, freshSeed: 1 }));
  expect(proxied.load.proxies?.http).toBe("http://redacted@h:3128/");
  expect(redactPlan(proxied)).toEqual(proxied);
});

test("redacting twice changes nothing more", () => {
  expect(redactPlan(redactPlan(plan))).toEqual(redactPlan(plan));
});

test("a plan without a body says that there is none", () => {
  expect(redactPlan(createPlan({ freshSeed: 1 })).load.request.body).toBeNull();
});
