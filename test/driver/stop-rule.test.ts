import { expect, test } from "vitest";
import { stopBy } from "../../src/driver/stop-rule.ts";
import { outcomeOf } from "../../src/result/load.ts";

const tolerant = { abortOn: null, allowInitialErrors: true };

test.each([
  // outcome, -abort-on, first, initial errors allowed, what ends it
  [503, 503, false, true, "abort-on"],
  [500, 503, false, true, undefined],
  [200, 200, false, true, "abort-on"],
  [outcomeOf("reset"), -1, false, true, "abort-on"],
  [outcomeOf("timeout"), -1, false, true, "abort-on"],
  [503, -1, false, true, undefined],
  // What ending itself brings about must not end it.
  [outcomeOf("never-sent"), -1, false, true, undefined],
  [outcomeOf("unfinished"), -1, true, false, undefined],
  [404, null, true, false, "initial-error"],
  [404, null, true, true, undefined],
  [404, null, false, false, undefined],
  [399, null, true, false, undefined],
  [outcomeOf("connect-refused"), null, true, false, "initial-error"],
  // What was asked for by name comes first.
  [503, 503, true, false, "abort-on"],
])("outcome %d with -abort-on %s, first: %s, initial errors allowed: %s → %s", (...row) => {
  const [outcome, abortOn, first, allowInitialErrors, expected] = row;
  expect(stopBy(outcome, { first, load: { abortOn, allowInitialErrors } })?.code).toBe(expected);
});

test("says what happened, and which flag it was", () => {
  const stop = stopBy(503, { first: false, load: { ...tolerant, abortOn: 503 } });
  expect(stop?.message).toBe("status 503, and -abort-on 503 ends that");
  const initial = stopBy(outcomeOf("reset"), {
    first: true,
    load: { ...tolerant, allowInitialErrors: false },
  });
  expect(initial?.message).toBe("the very first request failed (reset); -allow-initial-errors goes on");
});
