import { expect, test } from "vitest";
import { Histogram } from "../../../src/histogram.ts";
import { html } from "../../../src/output/html/html.ts";
import type { Chart } from "../../../src/output/html/chart.ts";
import type { ResultSet } from "../../../src/result/result.ts";
import { exampleSet, urlSet } from "../../result/example-set.ts";

async function pageOf(...sets: ResultSet[]): Promise<string> {
  const [document] = await html(sets);
  return String(document!.text);
}

function chartsOf(page: string): Chart[] {
  return JSON.parse(/<script type="application\/json" id="charts">(.*)<\/script>/.exec(page)![1]!) as Chart[];
}

test("every plot has a place, a name and a table, and the page names nothing outside itself", async () => {
  const page = await pageOf(exampleSet());
  const charts = chartsOf(page);
  expect(charts[0]!.title).toBe("Latency by percentile");
  charts.forEach((_, i) => expect(page).toMatch(new RegExp(`id="plot-${i}" role="img" aria-label="[^"]+"`)));
  expect(page.match(/<figure>/g)).toHaveLength(charts.length);
  expect(page.match(/<details><summary>Figures of this plot/g)).toHaveLength(charts.length);
  expect(page).not.toMatch(/(src|href)="/);
  expect(page).toContain("default-src 'none'");
  expect(page).toContain("Plan and environment");
  expect(page.length).toBeLessThan(300_000);
});

test("the percentile curve is the histogram's own, up to its count and no further", async () => {
  const set = exampleSet();
  const [run] = set.runs;
  const [chart] = chartsOf(await pageOf({ ...set, runs: [run!] }));
  const histogram = Histogram.decode(run!.latency.histogram);
  const at = (x: number): number | null | undefined => chart!.series[0]!.values[chart!.x.indexOf(x)];
  expect(at(100)).toBe(histogram.quantileUs(0.99) / 1e3);
  expect(at(1000)).toBe(histogram.quantileUs(0.999) / 1e3);
  expect(chart!.x.at(-1)).toBeLessThanOrEqual(histogram.count);
});

test("what labels and URLs hold is text, in the page and in its data", async () => {
  const hostile = `</script><img src="x" onerror='alert(1)'>&`;
  const set = urlSet();
  const runs = set.runs.map((run) => ({ ...run, target: { ...run.target, url: hostile } }));
  const page = await pageOf({ ...set, labels: hostile, runs }, { ...exampleSet(), labels: hostile });
  expect(page).not.toContain("<img");
  expect(page).not.toContain("</script><");
  expect(page).toContain("&lt;/script&gt;&lt;img src=&quot;x&quot; onerror=&#39;alert(1)&#39;&gt;&amp;");
  expect(page.match(/<script/g)).toHaveLength(3);
  expect(chartsOf(page)[0]!.xNames[0]).toContain(hostile);
});

test("several sets have a history, oldest first, and the same sets make the same page", async () => {
  const newer = { ...exampleSet(), labels: "newer", startedAt: "2025-03-01T00:00:00.000Z" };
  const older = { ...exampleSet(), labels: "older", startedAt: "2025-02-01T00:00:00.000Z" };
  const page = await pageOf(newer, older);
  const p99 = chartsOf(page).find(({ title }) => title === "p99")!;
  expect(p99.xNames).toEqual(["older 2025-02-01", "newer 2025-03-01"]);
  expect(await pageOf(newer, older)).toBe(page);
});
