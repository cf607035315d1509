import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { attribute } from "../../src/attribution/attribution.ts";
import { attributionSchema } from "../../src/result/schema-attribution.ts";
import type { Run } from "../../src/result/result.ts";
import { createValidator } from "../../src/schema.ts";
import { craftedRun, exponentialGrid, ofSide, queueRun } from "./crafted-run.ts";

const findError = createValidator(attributionSchema);

/** What is wrong with the attribution as a reader of its file meets it: of numbers that are none, JSON makes `null`. */
function errorOf(runs: readonly Run[]): unknown {
  const odd: string[] = [];
  const text = JSON.stringify(attribute(runs, { tailQuantile: 0.99, seed: 1 }), (key, value: unknown) => {
    if (typeof value === "number" && !Number.isFinite(value)) odd.push(`${key} is ${value}`);
    return value;
  });
  return odd[0] ?? findError(JSON.parse(text));
}

/** All connections on the first of two workers, which cannot keep up. */
const saturated = (order: number): Run =>
  craftedRun(
    [
      { connections: 128, latenciesUs: exponentialGrid(16_000, 400_000), busy: 0.97 },
      { connections: 0, latenciesUs: [], busy: 0 },
    ],
    { order, mode: "default" },
  );

test("a saturated run among such as leave nothing unexplained has an interval of numbers", () => {
  const exact = [104, 88, 70, 96, 60, 112].map((held, order) =>
    queueRun(held, { order, mode: "reuse_port" }),
  );
  const runs = [...exact, saturated(6), saturated(7)];
  const { perMode } = attribute(runs, { tailQuantile: 0.99, seed: 1 });
  const [low, high] = perMode.find(({ mode }) => mode === "default")!.skewShareInterval!;
  expect(low).toBeGreaterThan(0.9);
  expect(high).toBeLessThan(1);
  expect(high).toBeGreaterThan(low);
  expect(errorOf(runs)).toBeNull();
});

/** A run of one or more workers with these parts of its requests; busy as a worker is that holds all of them. */
const runs = array(
  record({
    held: array(integer({ min: 0, max: 16 }), { minLength: 1, maxLength: 3 }),
    busyPercent: integer({ min: 1, max: 120 }),
    requests: constantFrom(64, 2000, 4000),
    meanUs: constantFrom(1, 300, 400_000),
    mode: constantFrom("default", "reuse_port", "exact_balance", null),
    side: constantFrom("a", "b"),
  }),
  { minLength: 1, maxLength: 9 },
);

test("whatever the runs, their attribution can be written and read: every number is one", () => {
  assert(
    property(runs, (parts) => {
      const crafted = parts.map(({ held, busyPercent, requests, meanUs, mode, side }, order) => {
        const whole = Math.max(
          1,
          held.reduce((sum, one) => sum + one, 0),
        );
        const workers = held.map((connections) => ({
          connections,
          latenciesUs: exponentialGrid(Math.round((requests * connections) / whole), meanUs),
          busy: Math.min(1, (busyPercent / 100) * (connections / whole)),
        }));
        return ofSide(side, craftedRun(workers, { order, mode }));
      });
      expect(errorOf(crafted)).toBeNull();
    }),
    { numRuns: 100 },
  );
});
