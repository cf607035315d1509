/** A comparison as CSV, Markdown, annotations and JUnit: what the gates say, and the figures, are the comparison's own. */

import { expect, test } from "vitest";
import { check } from "../../src/compare/check.ts";
import { compare } from "../../src/compare/compare.ts";
import { parseGate } from "../../src/compare/gate.ts";
import { comparisonCsv } from "../../src/output/comparison-csv.ts";
import { comparisonGithub } from "../../src/output/comparison-github.ts";
import { comparisonJunit } from "../../src/output/comparison-junit.ts";
import { comparisonMarkdown } from "../../src/output/comparison-markdown.ts";
import { base, comparedSet, oneMode } from "../compare/compared-set.ts";

const main = oneMode(base, { labels: "main" });
const slower = oneMode(
  base.map((us) => us * 1.3),
  { labels: "head" },
);
const regressed = compare({ baseline: [main], candidate: [slower] });
const same = compare({ baseline: [main], candidate: [oneMode(base, { labels: "again" })] });
const open = compare({ baseline: [oneMode(base.slice(0, 2))], candidate: [oneMode(base.slice(0, 2))] });
const checked = check([slower], [parseGate("p99<=1ms"), parseGate("failures==0")]);

const failures = (xml: string): RegExpMatchArray | null => xml.match(/<failure /g);

test("CSV has a row for each group and metric, unrounded", () => {
  const [head, ...rows] = comparisonCsv(regressed).trimEnd().split("\r\n");
  const metrics = regressed.groups.flatMap((group) => group.metrics);
  expect(rows).toHaveLength(metrics.length);
  const at = (row: string, name: string): string => row.split(",")[head!.split(",").indexOf(name)]!;
  for (const [i, { metric, effect, verdict, interval, candidate }] of metrics.entries()) {
    expect([at(rows[i]!, "metric"), at(rows[i]!, "verdict")]).toEqual([metric, verdict]);
    expect(at(rows[i]!, "effect")).toBe(String(effect ?? ""));
    expect(at(rows[i]!, "interval_high")).toBe(String(interval[1] ?? ""));
    expect(at(rows[i]!, "candidate_median")).toBe(String(candidate.median ?? ""));
  }
  const p99 = rows.find((row) => at(row, "metric") === "p99")!;
  expect(Number(at(p99, "effect"))).toBeCloseTo(0.3, 6);
});

test("a failed gate is an annotated error, and what the gates say together a notice", () => {
  const failed = regressed.gates.find(({ outcome }) => outcome === "failed")!;
  const lines = comparisonGithub(regressed).trimEnd().split("\n");
  expect(lines[0]).toMatch(/^::error title=.*p99.*::p99 changed by \+30\.0 %25 /);
  expect(lines[0]!.replaceAll("%25", "%")).toContain(failed.message);
  expect(lines.at(-1)).toMatch(/^::notice title=head against main::Failed: 1 of \d gates$/);
  expect(comparisonGithub(same)).toMatch(
    /^(::warning.*\n)*::notice title=again against main::Passed: all \d gates hold\n$/,
  );
  expect(comparisonGithub(open)).toMatch(/^::warning title=.*p99/);
  expect(comparisonGithub(checked)).toMatch(/^::error title=p99<=1ms in exact_balance::/);
});

test("JUnit: a gate is a case that passes, fails or has no answer; other metrics never fail", () => {
  expect(failures(comparisonJunit(regressed))).toHaveLength(1);
  expect(comparisonJunit(regressed)).toMatch(/<failure type="regressed" message="p99 changed by \+30\.0 % /);
  expect(failures(comparisonJunit(same))).toBeNull();
  expect(comparisonJunit(open)).toMatch(/<error type="underpowered" message=/);
  expect(comparisonJunit(regressed)).toMatch(/name="p90".*\n.*<system-out>regressed: .* to .*, \+30\.0 % \[/);
  expect(failures(comparisonJunit(checked))).toHaveLength(1);
});

test("Markdown says first whether the gates hold", async () => {
  await expect(comparisonMarkdown(regressed)).toMatchFileSnapshot("../golden/comparison.md");
  expect(comparisonMarkdown(same).split("\n")[2]).toMatch(/^✅ \*\*Passed: all \d gates hold\*\*$/);
  expect(comparisonMarkdown(open).split("\n")[2]).toMatch(/^❔ \*\*Undecided: /);
  expect(comparisonMarkdown(checked)).toContain("- ❌ p99\\<=1ms in exact\\_balance: ");
});

const ofMode = (mode: "default" | "exact_balance") => base.map((p99Us, block) => ({ mode, block, p99Us }));

test("the sides of a set, and its modes, are told with the name of the set", () => {
  const runs = base.flatMap((p99Us, block) =>
    (["a", "b"] as const).map((side) => ({ side, mode: "exact_balance" as const, block, p99Us })),
  );
  const sides = compare({ sides: [comparedSet(runs, { labels: "pr 12" })] });
  expect(comparisonJunit(sides)).toContain('<testsuite name="Side b against side a of pr 12"');
  expect(comparisonGithub(sides)).toMatch(/^::notice title=Side b against side a of pr 12::/m);
  const set = comparedSet([...ofMode("default"), ...ofMode("exact_balance")], { labels: "pr 12" });
  expect(comparisonJunit(compare({ modes: [set] }))).toContain(
    '<testsuite name="Modes of pr 12 against default (shared socket)"',
  );
});
