/** The attribution's part of the schema of the result file. */

import { modes } from "../plan/mode.ts";
import type {
  Attribution,
  DoseResponse,
  HopAttribution,
  HopPart,
  HopShares,
  HopTail,
  ModeAttribution,
  RunAttribution,
  Skew,
} from "./attribution.ts";
import {
  amount,
  bool,
  count,
  interval,
  list,
  number,
  object,
  oneOf,
  optional,
  orNull,
  share,
  text,
  warningSchema,
} from "./schema-words.ts";

const skew = object<Skew>({ maxOverMean: amount, cv: amount, jain: share, p: orNull(share) });

const fit = object<DoseResponse>({
  shape: oneOf(["queueing", "log-linear", "none"]),
  reason: orNull(text),
  slope: orNull(number),
  interval: orNull(interval),
  busyShareAtBalance: orNull(number),
  contrasts: count,
  points: list(
    object<DoseResponse["points"][number]>({
      run: count,
      worker: count,
      x: amount,
      tailUs: amount,
      requests: count,
    }),
  ),
});

const hop = object<HopAttribution>({
  hop: count,
  connectionSkew: orNull(skew),
  cpuSkew: orNull(skew),
  perWorker: list(
    object<HopShares>({
      worker: count,
      connectionShare: orNull(share),
      cpuShare: orNull(share),
      requestShare: orNull(interval),
      tailShare: orNull(interval),
    }),
  ),
  sentence: text,
});

const tailByHop = object<HopTail>({
  parts: list(
    object<HopPart>({
      hop: count,
      side: oneOf(["client", "downstream", "upstream"]),
      requests: count,
      tailUs: interval,
      where: text,
      addedUs: interval,
    }),
  ),
  sentence: text,
});

const perRun = object<RunAttribution>({
  order: count,
  group: text,
  connectionSkew: orNull(skew),
  requestSkew: orNull(skew),
  perWorker: list(
    object<RunAttribution["perWorker"][number]>({
      worker: count,
      requestShare: share,
      tailShare: share,
      lift: amount,
    }),
  ),
  hotColdRisk: orNull(
    object<NonNullable<RunAttribution["hotColdRisk"]>>({ ratio: amount, interval: orNull(interval) }),
  ),
  hops: list(hop),
  tailByHop,
  independentTailSamples: amount,
  tailUs: amount,
  tailCensored: bool,
  lagUs: number,
  skewUs: orNull(number),
  restUs: orNull(number),
  skewShare: orNull(number),
  balancedTailUs: orNull(number),
  balancedTailOtherUs: orNull(number),
});

const perMode = object<ModeAttribution>({
  group: text,
  mode: orNull(oneOf(modes)),
  runs: count,
  tailUs: amount,
  tailRangeUs: interval,
  tailCensored: bool,
  lagUs: number,
  skewUs: orNull(number),
  restUs: orNull(number),
  skewShare: orNull(number),
  skewShareRange: orNull(interval),
  skewShareInterval: orNull(interval),
  indicative: bool,
  balancedTailUs: orNull(number),
  balancedTailOtherUs: orNull(number),
  measuredBalancedTailUs: orNull(number),
  hotColdRisk: orNull(number),
  maxOverMean: orNull(number),
  requestMaxOverMean: orNull(number),
  carrier: orNull(oneOf(["connections", "requests", "unclear", "alike"])),
  skewP: orNull(share),
  exampleRun: count,
  sentence: text,
});

export const attributionSchema = object<Attribution>(
  {
    tailQuantile: share,
    fit,
    perRun: list(optional<RunAttribution>(perRun, "hops", "tailByHop")),
    perMode: list(perMode),
    warnings: list(warningSchema),
  },
  "How much of the tail is the skew of connections over workers: derived, and recomputed from the runs.",
);
