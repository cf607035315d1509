import { expect, test } from "vitest";
import { compare } from "../../../src/compare/compare.ts";
import { parseGate } from "../../../src/compare/gate.ts";
import { comparisonHtml } from "../../../src/output/html/comparison-html.ts";
import { html } from "../../../src/output/html/html.ts";
import type { ResultSet } from "../../../src/result/result.ts";
import { base, metric, oneMode, sides } from "../../compare/compared-set.ts";

const main = oneMode(base, { labels: "main" });
const slower = oneMode(
  base.map((us) => us * 1.3),
  { labels: "head <&>" },
);
const gates = ["p99<=+5%", "qps>=-1%", "p50<=+2ms"].map((text) => parseGate(text));
const comparison = compare({ baseline: [main], candidate: [slower] }, { gates });

/** The row of a metric, and the places of what is drawn in it, 0 … 100. */
function rowOf(page: string, name: string) {
  const row = page
    .split("<li ")
    .find((text) => text.includes(`<b>${name} *</b>`) || text.includes(`<b>${name}</b>`))!;
  const at = (pattern: RegExp): number[] => [...(pattern.exec(row) ?? [])].slice(1).map(Number);
  return {
    row,
    dot: at(/class="dot" d="M([\d.]+) 10h0"/)[0]!,
    interval: at(/class="interval" d="M([\d.]+) 10H([\d.]+)"/),
    equal: at(/class="equal" x="([\d.]+)" width="([\d.]+)"/),
    bound: at(/class="bound" d="M([\d.]+) /)[0],
    arrows: row.match(/class="interval"/g)!.length - 1,
  };
}

/** Where a change stands on an axis, of which one other change and its place are known. */
function changeAt(place: number, known: { change: number; place: number }): number {
  const scale = Math.asinh(known.change / 0.01) / (known.place - 50);
  return 0.01 * Math.sinh((place - 50) * scale);
}

test("every metric has a row whose dot, interval and bounds stand where its figures say", async () => {
  const page = await comparisonHtml(comparison);
  const p99 = metric(comparison, "p99");
  const { row, dot, interval, equal, bound } = rowOf(page, "p99");
  expect(row).toMatch(/^class="regressed"/);
  expect(row).toContain("<em>✗ regressed</em>");
  expect(row).toContain("+30.0 %");
  const known = { change: 0.05, place: bound! };
  expect(changeAt(dot, known)).toBeCloseTo(p99.effect!, 2);
  expect(changeAt(interval[0]!, known)).toBeCloseTo(p99.interval[0]!, 2);
  expect(changeAt(interval[1]!, known)).toBeCloseTo(p99.interval[1]!, 2);
  expect(equal[0]! + equal[1]!).toBeCloseTo(bound!, 1);
  // A rate gets worse to the left.
  const qps = rowOf(page, "qps");
  expect(changeAt(qps.bound!, known)).toBeCloseTo(-0.01, 3);
  // 2 ms of a median of 1.256 ms is more than the axis shows of anything else.
  const p50 = metric(comparison, "p50");
  expect(changeAt(rowOf(page, "p50").bound!, known)).toBeCloseTo(2000 / p50.baseline.median!, 1);
  for (const { metric: name, verdict } of comparison.groups[0]!.metrics)
    expect(rowOf(page, name).row).toContain(verdict);
});

test("gates, sides and notes are told; names are text", async () => {
  const page = await comparisonHtml(comparison);
  expect(page).toContain("✗ Failed: 1 of 3 gates");
  expect(page).toContain("head &lt;&amp;&gt; against main");
  expect(page).not.toContain("head <&>");
  expect(page).toMatch(/<b>head &lt;&amp;&gt; \(7 runs\)<\/b> <span>p99 [\d.]+ ms of all together/);
  for (const { message } of comparison.gates)
    expect(page).toContain(message.replaceAll("<", "&lt;").replaceAll(">", "&gt;"));
});

const few = (factor: number): ResultSet => oneMode(base.slice(0, 2).map((us) => us * factor));

test("what few runs do not bound ends in an arrow", async () => {
  const page = await comparisonHtml(compare({ baseline: [few(1)], candidate: [few(1.1)] }));
  const { interval, arrows, row } = rowOf(page, "p99");
  expect([interval, arrows]).toEqual([[0, 100], 2]);
  expect(row).toContain("[−∞ to ∞]");
  expect(row).toContain("? underpowered");
});

test("the report of a set with two sides, or of many repetitions of modes, holds their intervals", async () => {
  const [ab] = await html([sides(1.3)]);
  expect(String(ab!.text)).toContain("Side b against side a");
  expect(rowOf(String(ab!.text), "p99").row).toMatch(/^class="regressed"/);
  const inDefault = oneMode(base, { mode: "default" }).runs;
  const inBalance = slower.runs.map((run) => Object.assign({}, run, { order: run.order + 7 }));
  const modes = { ...main, runs: [...inDefault, ...inBalance], attribution: null };
  const [byMode] = await html([modes]);
  expect(String(byMode!.text)).toContain("Modes of main against default (shared socket)");
  expect(rowOf(String(byMode!.text), "p99").row).toMatch(/^class="regressed"/);
  const [one] = await html([main]);
  expect(String(one!.text)).not.toContain('class="forest"');
});
