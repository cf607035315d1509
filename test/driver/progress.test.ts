import fc from "fast-check";
import { expect, test } from "vitest";
import { countOutcome, createCounters, progressOf } from "../../src/driver/progress.ts";
import { failureReasonOf, outcomeCount } from "../../src/result/load.ts";

test("the counters of all threads together are what each counted", () => {
  const outcome = fc.constantFrom(200, 204, 302, 399, 400, 503, 1000, 1003, outcomeCount - 1);
  fc.assert(
    fc.property(fc.array(fc.array(outcome), { minLength: 1, maxLength: 4 }), (threads) => {
      const counters = threads.map((outcomes) => {
        const own = createCounters();
        for (const one of outcomes) countOutcome(own, one);
        return own;
      });
      const failed = threads.flat().filter((one) => one >= 400);
      const names = failed.map((one) => failureReasonOf(one) ?? String(one));
      expect(progressOf(counters)).toEqual({
        requests: threads.flat().length,
        failures: failed.length,
        failed: Object.fromEntries(names.map((name) => [name, names.filter((one) => one === name).length])),
      });
    }),
  );
});
