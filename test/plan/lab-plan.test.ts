import { expect, test } from "vitest";
import { resolveLab } from "../../src/plan/lab-plan.ts";
import { thrown } from "../thrown.ts";

test("connections have no limits unless they are asked for", () => {
  expect(resolveLab({})).not.toHaveProperty("limits");
  expect(resolveLab({ maxRequestsPerConnection: 50 }).limits).toEqual({
    maxRequests: 50,
    maxDurationUs: null,
  });
  expect(resolveLab({ maxConnectionDuration: "1m30s" }).limits).toEqual({
    maxRequests: null,
    maxDurationUs: 90e6,
  });
});

test.each([
  [
    { maxRequestsPerConnection: 0 },
    "PLAN_IMPOSSIBLE (2): -max-requests-per-connection 0 is out of range | Give at least 1, or leave it out for no limit.",
  ],
  [
    { maxConnectionDuration: "0" },
    "PLAN_IMPOSSIBLE (2): -max-connection-duration 0 is too short | Give at least 1ms, or leave it out for no limit.",
  ],
])("refuses %j", async (lab, message) => {
  expect(await thrown(() => resolveLab(lab))).toBe(message);
});
