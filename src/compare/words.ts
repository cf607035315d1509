/** Values, effects and intervals of a comparison in words. */

import { formatMicros } from "../units.ts";
import type { ComparedMetric, MetricUnit } from "./comparison.ts";

/** A metric's value: `16.1 ms`, `56 %`, `2997`, `1.65`. */
export function formatValue(value: number, unit: MetricUnit): string {
  switch (unit) {
    case "us":
      return formatMicros(value);
    case "qps":
      return value >= 99.95 ? value.toFixed(0) : value.toFixed(1);
    case "percent":
      return `${value.toFixed(value < 9.95 ? 1 : 0)} %`;
    case "ratio":
      return value.toFixed(2);
    case "share":
      return `${percent(value)} %`;
    default:
      return unit satisfies never;
  }
}

type Scaled = Pick<ComparedMetric, "scale" | "unit">;

/** A shift with its sign: `+14.2 %`, `−2.10 ms`; of a share in percentage points: `+3.1 pp`. */
export function formatEffect(effect: number, { scale, unit }: Scaled): string {
  const size = Math.abs(effect);
  const inPoints = unit === "share" ? `${percent(size)} pp` : formatValue(size, unit);
  const text = scale === "ratio" ? `${percent(size)} %` : inPoints;
  const sign = effect < 0 ? "−" : "+";
  return `${/[1-9]/.test(text) ? sign : "±"}${text}`;
}

/** `[+9.1 % to +20.0 %]`; an end that the runs do not bound is infinite. */
export function formatInterval([low, high]: ComparedMetric["interval"], scaled: Scaled): string {
  const ends = [
    low === null ? "−∞" : formatEffect(low, scaled),
    high === null ? "∞" : formatEffect(high, scaled),
  ];
  return `[${ends.join(" to ")}]`;
}

/** A share in per cent, to a digit that tells something. */
function percent(share: number): string {
  const size = Math.abs(share * 100);
  if (size < 5e-4) return "0";
  return `${share < 0 ? "−" : ""}${size.toFixed(size < 0.0995 ? 3 : size < 0.995 ? 2 : size < 99.95 ? 1 : 0)}`;
}
