/** Where a search leads: to the rates that follow from the runs made, and to none whose runs could not tell. */

import { expect, test } from "vitest";
import { createPlan } from "../src/plan/create-plan.ts";
import { placesOf } from "../src/places.ts";
import { exampleSet } from "./result/example-set.ts";

const example = exampleSet().runs[0]!;

test("a target that is too slow at any rate is driven down to the rate that gives p99 its 1000 requests", () => {
  const profile = {
    targets: [{ url: "http://h:1" }],
    findMax: ["p99<1us"],
    load: { qps: 1000, duration: "5s" },
    repetitions: 2,
  };
  const plan = createPlan({ profile, freshSeed: 1 });
  const places = placesOf(plan.targets, plan);
  const rates: number[] = [];
  for (let next = places.next(); next.done !== true;) {
    const { qps } = next.value.step.load;
    rates.push(qps);
    next = places.next({ ...example, requested: { ...example.requested, qps } });
  }
  expect(rates).toEqual([1000, 1000, 500, 500, 250, 250, 200, 200]);
});
