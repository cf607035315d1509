/** Units at the boundary: text a person writes or reads ↔ numbers whose names carry the unit. */

const microsPer = { us: 1, µs: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 } as const;

/**
 * Parses a Go duration (`1m30s`, `250ms`, `0`) to microseconds, or `undefined` where it is not one.
 * Syntax: https://pkg.go.dev/time#ParseDuration (without `ns`: nothing here is that short).
 */
export function parseDurationUs(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(\d+(\.\d+)?(us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let totalUs = 0;
  for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d+)?)(us|µs|ms|s|m|h)/g))
    totalUs += Number(value) * microsPer[unit as keyof typeof microsPer];
  return totalUs;
}

/** Microseconds as a person reads them: `850 µs`, `16.1 ms`, `1.25 s`, three significant digits. */
export function formatMicros(us: number): string {
  const size = Math.abs(us);
  if (size < 999.5) return `${significant(us)} µs`;
  if (size < 999_500) return `${significant(us / 1e3)} ms`;
  return `${significant(us / 1e6)} s`;
}

/** Milliseconds with three significant digits and no unit, for a table whose heading names it. */
export function formatMillis(us: number): string {
  return significant(us / 1e3);
}

/** A share (0…1) in whole per cent: `0.56` → `56 %`. */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `0.99` → `p99`, `0.999` → `p99.9`. */
export function percentileName(quantile: number): string {
  return `p${Number((quantile * 100).toFixed(4))}`;
}

/** A ratio with two decimals: `×1.65`. */
export function formatTimes(ratio: number): string {
  return `×${ratio.toFixed(2)}`;
}

function significant(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95) return value.toFixed(0);
  return value.toFixed(size >= 9.995 ? 1 : 2);
}
