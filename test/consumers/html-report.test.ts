/** The HTML report in a browser: from a file, without network, drawn, named, and no wider than the window. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { html } from "../../src/output/html/html.ts";
import { temporaryDirectory } from "../cli/mesh-load.ts";
import { exampleSet } from "../result/example-set.ts";
import { openPage } from "./browser.ts";

test("every plot is drawn and named, nothing is asked of the network, at two widths and in two colours", async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, "report.html");
  const [document] = await html([exampleSet(), { ...exampleSet(), labels: "again" }]);
  writeFileSync(file, String(document!.text));
  await using browser = await openPage();
  const { page, errors } = browser;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const { href } = pathToFileURL(file);
  let opened = 0;
  for (const width of [1280, 390])
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.goto(href);
      opened += 1;
      await page.waitForFunction("document.documentElement.dataset.drawn");
      // uPlot paints in a microtask after it is made; a blank canvas has no painted pixel.
      const blank = await page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => done([...document.querySelectorAll('.plot')].filter((plot) => { const canvas = plot.querySelector('canvas'); return !plot.getAttribute('aria-label') || !canvas || !canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((octet) => octet > 0); }).map(({ id }) => id))))",
      );
      expect(blank).toEqual([]);
      expect(await page.locator(".plot canvas").count()).toBe(await page.locator("figure").count());
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    }
  expect(asked).toEqual(Array.from({ length: opened }, () => href));
  expect(errors).toEqual([]);
});
