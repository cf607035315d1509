import fc from "fast-check";
import { expect, test } from "vitest";
import { monotonicUs } from "../../src/clock.ts";
import { InFlight } from "../../src/driver/in-flight.ts";

test("ends what is left in the order of its time, in whatever order it was added and removed", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 40 }),
      fc.infiniteStream(fc.boolean()),
      (times, kept) => {
        const beganUs = monotonicUs();
        const actedUs = Float64Array.from(times, (time) => beganUs + time);
        const inFlight = new InFlight(actedUs, 1e9, () => {});
        const left = new Set<number>();
        for (let request = 0; request < times.length; request++) {
          inFlight.add(request);
          left.add(request);
          if (kept.next().value === false) {
            const [first] = left;
            inFlight.remove(first!);
            left.delete(first!);
          }
        }
        expect(inFlight.count).toBe(left.size);
        const ended: number[] = [];
        inFlight.endAll((request) => {
          ended.push(request);
          inFlight.remove(request);
        });
        inFlight.stop();
        expect(ended).toEqual([...left].sort((a, b) => times[a]! - times[b]!));
        expect(inFlight.count).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});

test("a request that is added late, after younger ones, expires at its own time", async () => {
  const nowUs = monotonicUs();
  const timeoutUs = 2_000_000;
  const actedUs = Float64Array.of(nowUs, nowUs - 1_950_000);
  const expired: { request: number; atUs: number }[] = [];
  const inFlight = new InFlight(actedUs, timeoutUs, (request) => {
    expired.push({ request, atUs: monotonicUs() });
    inFlight.remove(request);
  });
  inFlight.add(0);
  inFlight.add(1);
  await expect.poll(() => expired.length, { timeout: 5000, interval: 10 }).toBe(2);
  expect(expired.map(({ request }) => request)).toEqual([1, 0]);
  for (const { request, atUs } of expired) expect(atUs).toBeGreaterThanOrEqual(actedUs[request]! + timeoutUs);
  // Not in one sweep, at the time of the younger one.
  expect(expired[1]!.atUs - expired[0]!.atUs).toBeGreaterThan(100_000);
  inFlight.stop();
});
