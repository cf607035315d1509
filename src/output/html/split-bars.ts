/** Where the tail of each mode comes from: bars of lag, skew and rest, and the same in figures. */

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
    const { tailUs, lagUs, skewUs } = split;
    const parts = [lagUs, skewUs ?? 0, tailUs - lagUs - (skewUs ?? 0)];
    let at = 0;
    const rects = parts.map((us, i) => {
      // A part below zero takes from the others; the figures say how much.
      const width = widest === 0 ? 0 : (Math.max(0, us) / widest) * 100;
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
