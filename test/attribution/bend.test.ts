import { describe, expect, test } from "vitest";
import { meanOver, pick, weighted } from "../../src/attribution/bend.ts";
import type { WeightedFit } from "../../src/attribution/bend.ts";
import { profileRun, sharedSlope, slopeGrid } from "../../src/attribution/profile.ts";
import { logGrowth, orders } from "../../src/attribution/shape.ts";
import { doseOf } from "../../src/attribution/dose.ts";
import { seededRandom } from "../../src/random.ts";
import { craftedRun, exponentialGrid } from "./crafted-run.ts";

const busyShare = 0.45;
const slope = 0.4;

/** Runs whose tails follow the mean of the given order exactly, fitted with every order. */
function fitsOf(made: number): WeightedFit[] {
  const doses = [66, 72, 80, 90, 100, 110, 118, 122, 125, 127].map((held, run) => {
    // Runs differ a little in what no shape explains, for weights go by how much runs differ.
    const luck = run % 2 === 0 ? 1.02 : 0.98;
    const workers = [held, 128 - held].map((connections, worker) => {
      const load = { x: connections / 64, busyShare };
      const growth = Math.exp(logGrowth(load, { shape: "queueing", order: made, slope }));
      return {
        connections,
        latenciesUs: exponentialGrid(connections * 500, 400 * growth * (worker === 0 ? luck : 1)),
        busy: load.x * busyShare,
      };
    });
    const options = { group: "default", workerCount: 2, tailQuantile: 0.99 };
    return doseOf(craftedRun(workers, { order: run, mode: "default" }), options)!;
  });
  const slopes = slopeGrid(doses, "queueing");
  return weighted(
    orders.map((order) => {
      const bend = { shape: "queueing", order } as const;
      const profiles = doses.map((dose) => profileRun(dose, { ...bend, slopes, tailQuantile: 0.99 })!);
      const once = profiles.map(() => 1);
      return { ...bend, slopes, profiles, slope: sharedSlope(profiles, slopes, once) };
    }),
  );
}

describe("the weights of bends", () => {
  test.each(orders)("favour the order that made the tails: %d", (made) => {
    const fits = fitsOf(made);
    const likeliest = fits.reduce((best, one) => (one.weight > best.weight ? one : best));
    expect(likeliest.order).toBe(made);
    expect(meanOver(fits, () => 1)).toBeCloseTo(1, 9);
  });
});

test("a bend is drawn as often as its weight says", () => {
  const fits = fitsOf(1);
  const random = seededRandom(1, "bends");
  const drawn = fits.map(() => 0);
  for (let i = 0; i < 20_000; i++) drawn[pick(fits, random)]!++;
  for (const [i, { weight }] of fits.entries())
    // Four standard errors of a share of 20 000 draws are at most 0.014.
    expect(Math.abs(drawn[i]! / 20_000 - weight)).toBeLessThan(0.015);
});
