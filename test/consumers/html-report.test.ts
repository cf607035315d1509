/** The pages in a browser: from a file, without network, drawn, named, no wider than the window, and worked by keys. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { compare } from "../../src/compare/compare.ts";
import { comparisonHtml } from "../../src/output/html/comparison-html.ts";
import { html } from "../../src/output/html/html.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { base, oneMode } from "../compare/compared-set.ts";
import { temporaryDirectory } from "../cli/mesh-load.ts";
import { exampleSet } from "../result/example-set.ts";
import { colourAt, openPage } from "./browser.ts";

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

const dated = (labels: string, day: number): ResultSet => ({
  ...exampleSet(),
  labels,
  startedAt: `2025-03-0${day}T00:00:00.000Z`,
});

async function reportOf(...sets: ResultSet[]): Promise<string> {
  const [document] = await html(sets);
  return String(document!.text);
}

function hrefOf(name: string, text: string): string {
  const file = join(directory.path, `${name}.html`);
  writeFileSync(file, text);
  return pathToFileURL(file).href;
}

const slower = base.map((us) => us * 1.3);
const pages: Readonly<Record<string, () => Promise<string>>> = {
  report: () => reportOf(exampleSet()),
  history: () => reportOf(dated("main", 1), dated("head with a long name", 2), dated("main", 3)),
  comparison: () =>
    comparisonHtml(
      compare({
        baseline: [oneMode(base, { labels: "main" })],
        candidate: [oneMode(slower, { labels: "head" })],
      }),
    ),
};

/** Those of which a part is not seen before its table is scrolled. */
const cutCaptions =
  "[...document.querySelectorAll('caption')].filter((caption) => caption.checkVisibility() && (caption.getBoundingClientRect().right > caption.closest('.scroll').getBoundingClientRect().right || caption.scrollWidth > caption.clientWidth)).map((caption) => caption.textContent)";

const visiblePlots = "[...document.querySelectorAll('.plot')].filter((plot) => plot.checkVisibility())";

async function open(page: Page, href: string): Promise<void> {
  await page.goto(href);
  await page.waitForFunction("document.documentElement.dataset.drawn");
  // uPlot paints in a microtask after it is made.
  await page.evaluate("new Promise((done) => requestAnimationFrame(done))");
}

test.each(Object.keys(pages))(
  "%s: every plot is drawn and named, nothing is asked of the network, at two widths and in two colours",
  async (name) => {
    const href = hrefOf(name, await pages[name]!());
    await using browser = await openPage();
    const { page, errors } = browser;
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    let opened = 0;
    for (const width of [1280, 390])
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await open(page, href);
        opened += 1;
        // A blank canvas has no painted pixel.
        const blank = await page.evaluate(
          `${visiblePlots}.filter((plot) => { const canvas = plot.querySelector('canvas'); return !plot.getAttribute('aria-label') || !canvas || !canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((octet) => octet > 0); }).map(({ id }) => id)`,
        );
        expect(blank).toEqual([]);
        expect(await page.evaluate(`${visiblePlots}.length`)).toBeGreaterThan(0);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
        expect(await page.evaluate(cutCaptions)).toEqual([]);
        await page.evaluate(axe.source);
        const violations = await page.evaluate(
          "axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))",
        );
        expect(violations).toEqual([]);
      }
    expect(asked).toEqual(Array.from({ length: opened }, () => href));
    expect(errors).toEqual([]);
  },
);

test("a screen reader finds the sentences, each plot with its figures, and the verdict of each metric", async () => {
  await using browser = await openPage();
  const { page } = browser;
  await open(page, hrefOf("report", await pages["report"]!()));
  for (const { sentence } of exampleSet().attribution!.perMode)
    await page.getByRole("listitem").filter({ hasText: sentence }).waitFor();
  for (const plot of await page.getByRole("img").all()) {
    const figure = page
      .getByRole("figure")
      .filter({ has: page.locator(`#${await plot.getAttribute("id")}`) });
    const details = figure.getByText("Figures of this plot");
    await details.press("Enter");
    expect(await figure.getByRole("table").getByRole("row").count()).toBeGreaterThan(1);
  }
  await open(page, hrefOf("comparison", await pages["comparison"]!()));
  const changes = page.getByRole("list", { name: "Changes with their 90 % intervals" });
  const p99 = changes.getByRole("listitem").filter({ hasText: "p99 *" });
  expect(await p99.textContent()).toMatch(/\+30\.0 % \[.* to .*%\].*regressed/);
});

test("metric, label and lines are chosen with the keyboard alone, and what has the focus is seen", async () => {
  await using browser = await openPage();
  const { page } = browser;
  await open(page, hrefOf("history", await pages["history"]!()));
  const focused = () =>
    page.evaluate(
      "[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle !== 'none', document.activeElement.textContent.trim()]",
    ) as Promise<[string, boolean, string]>;
  const shown = () =>
    page.locator("#history-plots h3").filter({ visible: true }).allTextContents() as Promise<string[]>;
  expect(await shown()).toEqual(["p99"]);
  await page.keyboard.press("Tab");
  expect((await focused()).slice(0, 2)).toEqual(["SELECT", true]);
  await page.keyboard.press("ArrowUp");
  expect(await shown()).toEqual(["p90"]);
  expect(await page.locator("#history-plots canvas").filter({ visible: true }).count()).toBe(1);
  await page.keyboard.press("Tab");
  await page.keyboard.type("main");
  expect(await page.getByLabel("Label").inputValue()).toBe("main");
  // Plot and table agree: two of the three sets are main's.
  const table = page
    .locator("#history-plots tbody")
    .filter({ has: page.locator("tr[data-label]") })
    .first();
  expect(await table.locator("tr:not([hidden])").count()).toBe(2);
  await page.keyboard.press("Tab");
  const [tag, seen, name] = await focused();
  expect([tag, seen]).toEqual(["BUTTON", true]);
  expect(name).toMatch(/^default \(shared socket\) latest [\d.]+ ms$/);
  await page.keyboard.press("Space");
  expect(await page.evaluate("document.activeElement.getAttribute('aria-pressed')")).toBe("false");
});

test("a legend tells the figures that are pointed at, and its own again afterwards", async () => {
  await using browser = await openPage();
  const { page } = browser;
  await open(page, hrefOf("report", await pages["report"]!()));
  const legend = page.locator("#legend-0 span").first();
  const still = await legend.textContent();
  expect(still).toMatch(/^p99 [\d.]+ ms/);
  await page.locator("#plot-0 .u-over").hover({ position: { x: 2, y: 20 } });
  expect(await page.locator("#pointed-0").textContent()).toBe("at percentile p0");
  expect(await legend.textContent()).toMatch(/^[\d.]+$/);
  await page.mouse.move(5, 5);
  expect(await legend.textContent()).toBe(still);
});

test("a legend tells seconds and counts whole, as the table does", async () => {
  const set = exampleSet();
  const series = set.runs[0]!.series.map((point, i) => {
    const workers = point.workers.map((worker) => Object.assign({}, worker, { connections: 12_345 }));
    return Object.assign({}, point, { second: 12_344 + i, workers });
  });
  const runs = set.runs.map((run) => Object.assign({}, run, { series }));
  const text = await reportOf({ ...set, runs });
  await using browser = await openPage();
  const { page } = browser;
  await open(page, hrefOf("long", text));
  const figure = page.getByRole("figure").filter({ hasText: "Connections per worker: exact_balance" });
  await figure.locator(".u-over").hover({ position: { x: 40, y: 20 } });
  expect(await figure.locator(".pointed").textContent()).toBe("at second 12344");
  expect(await figure.locator(".legend span").first().textContent()).toBe("12345");
});

/** How many pieces there are of a plot's line in the colour `--c…`, of those that nothing is over or under. */
function piecesOf(page: Page, plot: string, colour: number): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector("${plot} canvas");
    const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const hex = getComputedStyle(document.documentElement).getPropertyValue("--c${colour}").trim();
    const paint = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    const painted = new Set();
    for (let at = 0; at < data.length; at += 4)
      if (data[at + 3] > 200 && paint.every((value, i) => Math.abs(data[at + i] - value) < 25)) painted.add((at / 4) % width);
    return [...painted].filter((x) => !painted.has(x - 1)).length;
  })()`) as Promise<number>;
}

test("a history has a point for each set that has a value, also between sets that have none", async () => {
  // Of 15 sets every other has the first mode, and one alone the last.
  const sets = Array.from({ length: 15 }, (_, i): ResultSet => {
    const set = dated(`set ${i}`, 1);
    const has = { default: i % 2 === 0, exact_balance: i === 4 };
    const runs = set.runs.filter(({ mode }) => has[mode as keyof typeof has]);
    return { ...set, runs, startedAt: `2025-03-${String(i + 1).padStart(2, "0")}T00:00:00.000Z` };
  });
  await using browser = await openPage();
  const { page } = browser;
  await open(page, hrefOf("gaps", await reportOf(...sets)));
  const plot = `#${await page.locator("#history-plots .plot").filter({ visible: true }).getAttribute("id")}`;
  expect([await piecesOf(page, plot, 0), await piecesOf(page, plot, 1)]).toEqual([8, 1]);
});

test("a value between unknown ones is a point of a worker's line", async () => {
  const set = exampleSet();
  const known = new Set([3, 6, 7, 8, 11]);
  const series = Array.from({ length: 14 }, (_, second) => {
    const [point] = set.runs[0]!.series;
    const workers = point!.workers.map((worker, i) =>
      Object.assign({}, worker, { cpuPercent: i === 0 && known.has(second) ? 50 : null }),
    );
    return Object.assign({}, point, { second, workers });
  });
  const runs = set.runs.map((run) => Object.assign({}, run, { series }));
  await using browser = await openPage();
  const { page } = browser;
  await open(page, hrefOf("seconds", await reportOf({ ...set, runs })));
  const plot = page.getByRole("img", { name: /^CPU per worker: exact_balance/ });
  expect(await piecesOf(page, `#${await plot.getAttribute("id")}`, 0)).toBe(3);
});

test("a table too wide for the window is shaded at the side where there is more of it", async () => {
  await using browser = await openPage();
  const { page } = browser;
  await page.setViewportSize({ width: 500, height: 900 });
  await open(page, hrefOf("report", await pages["report"]!()));
  const box = page.getByRole("group", { name: "Latency in ms, from the intended start to the last byte" });
  const { x, width } = (await box.boundingBox())!;
  const row = (await box.getByRole("row").last().boundingBox())!;
  const isShaded = async (at: number): Promise<boolean> => {
    // Below the figures, above the line.
    const colour = await colourAt(page, at, row.y + row.height - 4);
    return colour.some((value) => value < 230);
  };
  const sides = async (): Promise<boolean[]> => [await isShaded(x + 1), await isShaded(x + width - 2)];
  expect(await sides()).toEqual([false, true]);
  await box.evaluate((element) => void Object.assign(element, { scrollLeft: 100 }));
  expect(await sides()).toEqual([true, true]);
  await box.evaluate((element) => void Object.assign(element, { scrollLeft: 1000 }));
  expect(await sides()).toEqual([true, false]);
  await page.setViewportSize({ width: 1280, height: 900 });
  expect(await isShaded(1280 - x - 2)).toBe(false);
});

test("it prints: every drawn plot, and no controls", async () => {
  await using browser = await openPage();
  const { page } = browser;
  await open(page, hrefOf("report", await pages["report"]!()));
  const pdf = await page.pdf({ format: "A4" });
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  expect(await page.locator("summary").filter({ visible: true }).count()).toBe(0);
  // Dark paper would be an ink bath.
  expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
  // Sets that are folded are named, or the paper would not say that there are any.
  await open(
    page,
    hrefOf("folded", await reportOf(...["a", "b", "c", "d"].map((label, i) => dated(label, i + 1)))),
  );
  expect(await page.locator(".set h2").filter({ visible: true }).allTextContents()).toEqual([
    "a",
    "b",
    "c",
    "d",
  ]);
});
