/** The part of the result's schema that a search for the highest rate fills. */

import { modes } from "../plan/mode.ts";
import { maxRateEnds } from "./max-rate.ts";
import type { MaxRate, RateProbe } from "./max-rate.ts";
import { amount, bool, count, list, object, oneOf, orNull, text } from "./schema-words.ts";

export const maxRate = object<MaxRate>({
  target: text,
  side: oneOf(["", "a", "b"]),
  mode: orNull(oneOf(modes)),
  qps: orNull(amount),
  failedQps: orNull(amount),
  end: oneOf(maxRateEnds),
  probes: list(
    object<RateProbe>({ qps: amount, runs: count, held: orNull(bool), driverSaturated: bool, message: text }),
  ),
  sentence: text,
});
