/** Where the tail of each mode comes from: bars of lag, skew and rest, and the same in figures. */

import type { ModeAttribution } from "../../result/attribution.ts";
import type { ResultSet } from "../../result/result.ts";
import { splitLine } from "../figures.ts";
import type { Group } from "../groups.ts";
import { escapeHtml } from "./markup.ts";
import { percentileName } from "../../units.ts";

export function splitBars({ attribution }: ResultSet, groups: readonly Group[]): string {
  const rows = groups.flatMap(({ title, attribution: split }) => (split === null ? [] : [{ title, split }]));
  if (attribution === null || rows.length === 0) return "";
  const widest = Math.max(...rows.map(({ split }) => split.tailUs));
  const tail = percentileName(attribution.tailQuantile);
  const bars = rows.map(({ title, split }) => {
    let at = 0;
    const rects = partsOf(split).map((us, i) => {
      const width = widest === 0 ? 0 : (us / widest) * 100;
      const rect = `<rect class="part-${i}" x="${at.toFixed(2)}" width="${width.toFixed(2)}" height="10"/>`;
      at += width;
      return rect;
    });
    return `<dt>${escapeHtml(title)}</dt><dd><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${rects.join("")}</svg><span>${escapeHtml(`${tail} ${splitLine(split)} ms`)}</span></dd>`;
  });
  return `<h3>Where the ${tail} comes from</h3>
<p class="key">${["lag (mesh-load itself)", "skew over workers", "rest"].map((name, i) => `<span><svg viewBox="0 0 1 1" aria-hidden="true"><rect class="part-${i}" width="1" height="1"/></svg>${name}</span>`).join(" ")}</p>
<dl class="bars">${bars.join("\n")}</dl>`;
}

/** What is drawn of lag, skew and rest: a bar is as long as its tail. A part below zero shows in the figures alone. */
function partsOf({ tailUs, lagUs, skewUs }: ModeAttribution): number[] {
  const lag = Math.min(lagUs, tailUs);
  const skew = Math.min(Math.max(0, skewUs ?? 0), tailUs - lag);
  return [lag, skew, tailUs - lag - skew];
}
