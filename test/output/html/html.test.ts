import { expect, test } from "vitest";
import { standingMetrics } from "../../../src/compare/metric.ts";
import { Histogram } from "../../../src/histogram.ts";
import { html } from "../../../src/output/html/html.ts";
import { formatFigure } from "../../../src/output/html/chart.ts";
import type { Chart } from "../../../src/output/html/chart.ts";
import type { ResultSet, Run } from "../../../src/result/result.ts";
import { exampleSet, gateways, stagedSet, urlSet, urlsSet } from "../../result/example-set.ts";

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
  expect(page.match(/<ul class="legend"/g)).toHaveLength(charts.length);
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

test("several sets have a history of every metric, oldest first, and the same sets make the same page", async () => {
  const newer = { ...exampleSet(), labels: "newer", startedAt: "2025-03-01T00:00:00.000Z" };
  const older = { ...exampleSet(), labels: "older", startedAt: "2025-02-01T00:00:00.000Z" };
  const page = await pageOf(newer, older);
  const p99 = chartsOf(page).find(({ title }) => title === "p99")!;
  expect(p99.xNames).toEqual(["older\n2025-02-01 00:00", "newer\n2025-03-01 00:00"]);
  const medianMs = newer.runs
    .filter(({ mode }) => mode === "exact_balance")
    .map(({ latency }) => latency.percentilesUs["99"]! / 1e3)
    .sort((a, b) => a - b)[1]!;
  expect(p99.series.find(({ label }) => label === "exact_balance")!.values).toEqual([medianMs, medianMs]);
  const metrics = [...page.matchAll(/<option value="(\w[^"]*)"/g)].map(([, name]) => name);
  // 6000 requests a run are too few for p99.9.
  expect(metrics).toEqual(
    standingMetrics(0.99)
      .map(({ name }) => name)
      .filter((name) => name !== "p99.9"),
  );
  for (const name of metrics) expect(page).toContain(`<div data-choice="${name}">`);
  expect(await pageOf(newer, older)).toBe(page);
});

const labelled = (labels: string, day: number): ResultSet => ({
  ...exampleSet(),
  labels,
  startedAt: `2025-03-0${day}T00:00:00.000Z`,
});

test("a label can be chosen where sets share it", async () => {
  const page = await pageOf(labelled("main", 1), labelled("head", 2), labelled("main", 3));
  expect(page).toContain('<select data-label><option value="">all</option><option value="main">');
  expect(chartsOf(page)[0]!.xLabels).toEqual(["main", "head", "main"]);
  expect(await pageOf(labelled("main", 1), labelled("head", 2))).not.toContain("<select data-label>");
});

test("a history has a line for each target, however long its name", async () => {
  const set = urlsSet(gateways.map((host) => `http://${host}/`));
  const page = await pageOf(set, { ...set, startedAt: "2025-02-01T00:00:00.000Z" });
  const p99 = chartsOf(page).find(({ title }) => title === "p99")!;
  expect(p99.series.map(({ label }) => label)).toEqual(gateways);
});

/** As Fortio's are. */
function withoutLatency(run: Run): Run {
  return { ...run, latency: { histogram: "", count: 0, meanUs: 0, maxUs: 0, percentilesUs: {} } };
}

function noteOf(page: string, title: string): string {
  return chartsOf(page).find((chart) => chart.title === title)!.note;
}

test("a history beside a set without latency is of service time, in all sets, and says so", async () => {
  const set = urlSet();
  const [run] = set.runs;
  const fortio = { ...set, startedAt: "2025-02-01T00:00:00.000Z", runs: [withoutLatency(run!)] };
  const page = await pageOf(set, fortio);
  const p99 = run!.serviceTime.percentilesUs["99"]! / 1e3;
  expect(chartsOf(page).find(({ title }) => title === "p99")!.series[0]!.values).toEqual([p99, p99]);
  expect(noteOf(page, "p99")).toMatch(/^p99, the quantile of service time\. /);
  expect(noteOf(page, "mean")).toMatch(/^mean, of service time\. /);
  expect(noteOf(page, "qps")).toMatch(/^qps, complete responses a second\. /);
  const note = "in its place stands service time, in all of them";
  expect(page).toContain(note);
  const latencies = await pageOf(set, { ...set, startedAt: fortio.startedAt });
  expect(latencies).not.toContain(note);
  expect(noteOf(latencies, "p99")).toMatch(/^p99, the quantile of latency\. /);
});

test("beside a set without latency, what is of an attribution still is of latency", async () => {
  const fortio = { ...urlSet(), runs: urlSet().runs.map(withoutLatency) };
  const page = await pageOf(exampleSet(), fortio);
  expect(noteOf(page, "balancedP99")).toContain("(of the set's -tail), of latency. ");
  expect(noteOf(page, "skewShare")).toContain("skew's part of the tail, of latency. ");
});

/** A set whose latencies are `factor` times the example's. */
function scaled(factor: number, day: number): ResultSet {
  const set = labelled(`set ${day}`, day);
  const runs = set.runs.map((run) => {
    const percentiles = Object.entries(run.latency.percentilesUs).map(([key, us]) => [key, us * factor]);
    const latency = { ...run.latency, percentilesUs: Object.fromEntries(percentiles) };
    return Object.assign({}, run, { latency });
  });
  return { ...set, runs };
}

/** Whether the axis of a metric is logarithmic where one of two sets has `factor` times the other's latencies. */
async function isLog(factor: number, title: string): Promise<boolean> {
  const charts = chartsOf(await pageOf(scaled(1, 1), scaled(factor, 2)));
  return charts.find((chart) => chart.title === title)!.yLog;
}

test("a latency that differs tenfold among sets is on an axis of logarithms, any other from zero", async () => {
  expect(await isLog(10, "p99")).toBe(true);
  expect(await isLog(2, "p99")).toBe(false);
  // What is nothing has no place among logarithms, and must not be lost.
  expect(await isLog(0, "p99")).toBe(false);
  expect(await isLog(10, "qps")).toBe(false);
});

test("a history says what else changed from set to set", async () => {
  const [older, newer] = [labelled("main", 1), labelled("main", 2)];
  expect(await pageOf(older, newer)).not.toContain("Not the same in all sets");
  const faster = { ...newer, plan: { ...newer.plan, load: { ...newer.plan.load, qps: 9 } } };
  const environment = { ...newer.environment, cpuModel: "<other>", os: "Linux 9" };
  const page = await pageOf(older, { ...faster, environment });
  // Another kernel is no reason to doubt a line; another rate is.
  expect(page).toContain(
    "Not the same in all sets, and perhaps what a step in a line is: load.qps, cpuModel.",
  );
});

function ofTail(tailQuantile: number, day: number): ResultSet {
  const set = labelled("main", day);
  return { ...set, attribution: { ...set.attribution!, tailQuantile } };
}

test("what is of a set's -tail has a plot for each, of its own sets", async () => {
  const charts = chartsOf(await pageOf(ofTail(0.99, 1), ofTail(0.9, 2), ofTail(0.99, 3)));
  const known = (title: string): boolean[] =>
    charts
      .find((chart) => chart.title === title)!
      .series.find(({ label }) => label === "default (shared socket)")!
      .values.map((value) => value !== null);
  expect(known("balancedP99")).toEqual([true, false, true]);
  expect(known("balancedP90")).toEqual([false, true, false]);
  expect(known("skewShare of p99")).toEqual([true, false, true]);
  expect(known("skewShare of p90")).toEqual([false, true, false]);
  expect(known("p99")).toEqual([true, true, true]);
  expect(charts.map(({ title }) => title)).not.toContain("skewShare");
});

test("the fitted curve goes through the prediction at balance, by the formula of its shape", async () => {
  const set = exampleSet();
  const [rho, b] = [0.44, 1.2];
  const attribution = { ...set.attribution!, fit: { ...set.attribution!.fit, slope: b } };
  const chart = chartsOf(await pageOf({ ...set, attribution })).find(
    ({ title }) => title === "Dose and response",
  )!;
  const curve = chart.series.find(({ label }) => label === "default (shared socket): fit")!;
  const { balancedTailUs } = attribution.perMode.find(({ group }) => group === "default")!;
  const known = chart.x.flatMap((x, i) => (curve.values[i] === null ? [] : [[x, curve.values[i]!] as const]));
  expect(known.find(([x]) => x === 1)![1]).toBeCloseTo(balancedTailUs! / 1e3, 9);
  for (const [x, ms] of known)
    expect(ms).toBeCloseTo((balancedTailUs! / 1e3) * ((1 - rho) / (1 - Math.min(0.98, rho * x))) ** b, 9);
  const loads = set.runs.filter(({ mode }) => mode === "default").flatMap((run) => run.workers);
  const [least, most] = [known[0]![0], known.at(-1)![0]];
  expect([least, most]).toEqual([
    Math.min(...loads.map(({ connections }) => connections / 64)),
    Math.max(...loads.map(({ connections }) => connections / 64)),
  ]);
  expect(curve.summary).toMatch(/ ms at balance$/);
  const points = chart.series.flatMap(({ kind, values }) => (kind === "points" ? values : []));
  expect(points.filter((value) => value !== null)).toHaveLength(18);
});

test("a tail that was all lag has no place on the axis of logarithms, and no other is lost", async () => {
  const set = exampleSet();
  const fit = set.attribution!.fit;
  const points = fit.points.map((point, i) => (i === 0 ? { ...point, tailUs: 0 } : point));
  const charts = chartsOf(
    await pageOf({ ...set, attribution: { ...set.attribution!, fit: { ...fit, points } } }),
  );
  const { series } = charts.find(({ title }) => title === "Dose and response")!;
  const shown = series.flatMap(({ values }) => values).filter((value) => value !== null);
  expect(Math.min(...shown)).toBeGreaterThan(0);
  const measured = series.flatMap(({ kind, values }) => (kind === "points" ? values : []));
  expect(measured.filter((value) => value !== null)).toHaveLength(17);
});

/** What the bars of the page are of their width: lag, skew and rest, a mode each, in per cent. */
function barsOf(page: string): number[][] {
  const bars = page.match(/<svg viewBox="0 0 100 10".*?<\/svg>/gs)!;
  return bars.map((bar) => [...bar.matchAll(/ width="([\d.]+)"/g)].map(([, width]) => Number(width)));
}

test("a bar is as long as its tail, also where skew or rest is below zero", async () => {
  const set = exampleSet();
  const parts = [
    { tailUs: 20_000, lagUs: 1000, skewUs: 15_000 },
    // Of a mode that does better than its balance would, half as long as the widest.
    { tailUs: 10_000, lagUs: 1000, skewUs: -5000 },
    { tailUs: 10_000, lagUs: 1000, skewUs: 12_000 },
  ];
  const perMode = set.attribution!.perMode.map((mode, i) => Object.assign({}, mode, parts[i]));
  const page = await pageOf({ ...set, attribution: { ...set.attribution!, perMode } });
  expect(barsOf(page)).toEqual([
    [5, 75, 20],
    [5, 0, 45],
    [5, 45, 0],
  ]);
});

test("no curve where there is no fit", async () => {
  const set = exampleSet();
  const fit = { ...set.attribution!.fit, shape: "none", slope: null, interval: null, reason: "why" } as const;
  const charts = chartsOf(await pageOf({ ...set, attribution: { ...set.attribution!, fit } }));
  const chart = charts.find(({ title }) => title === "Dose and response")!;
  expect(chart.note).toBe("No fit: why.");
  expect(chart.series.map(({ kind }) => kind)).toEqual(["points", "points", "points"]);
});

test("of 64 workers the plots show the ends, and a table all", async () => {
  const set = exampleSet();
  const runs = set.runs.map((run) => ({
    ...run,
    workers: Array.from({ length: 64 }, (_, id) => ({ ...run.workers[id % 2]!, id, connections: 64 - id })),
  }));
  const page = await pageOf({ ...set, runs, attribution: null });
  const chart = chartsOf(page).find(({ title }) => title === "Latency per worker: exact_balance")!;
  expect(chart.series.map(({ label }) => label.split(" ")[0])).toEqual(
    [0, 1, 2, 3, 60, 61, 62, 63].map((id) => `worker_${id}`),
  );
  expect(chart.note).toContain("The 4 busiest and the 4 idlest of 64 workers");
  const tables = page.match(/<table>.*?<\/table>/gs)!;
  const all = tables.find((table) => table.includes("All 64 workers: exact_balance"))!;
  expect([...all.matchAll(/<th scope="row">worker_(\d+)</g)].map(([, id]) => Number(id))).toEqual(
    Array.from({ length: 64 }, (_, id) => id),
  );
  const ends = tables.find((table) => table.includes("Workers: exact_balance"))!;
  expect(ends.match(/<th scope="row">/g)).toHaveLength(8);
});

test("whole numbers are told whole, and others to four digits", () => {
  expect([12_345, 12_340, 12_341, 0.012_345, 1234.5, null].map(formatFigure)).toEqual([
    "12345",
    "12340",
    "12341",
    "0.01235",
    "1235",
    "–",
  ]);
});

test("a legend says something of every line while nothing is pointed at", async () => {
  const page = await pageOf(exampleSet());
  const summaries = [...page.matchAll(/<button [^>]*data-series="\d+">.*?<span>(.*?)<\/span>/g)];
  expect(summaries).toHaveLength(chartsOf(page).flatMap(({ series }) => series).length);
  for (const [, summary] of summaries) expect(summary).toMatch(/\d/);
});

test("a load of stages has a row for each", async () => {
  expect(await pageOf(stagedSet())).toMatch(/<th scope="row">2–5 s<\/th><td>8→16<\/td><td>100→900<\/td>/);
  expect(await pageOf(exampleSet())).not.toContain("by stage");
});
