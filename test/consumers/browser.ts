/** Debian's Chromium, driven by Playwright. */

import { chromium } from "playwright-core";
import type { Page } from "playwright-core";
import { findProgram } from "./program.ts";

/** A page 1280 × 900 whose errors are collected. Dispose ends the browser. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  readonly errors: readonly string[];
}

export async function openPage(): Promise<OpenPage> {
  const executablePath = await findProgram("chromium", {
    kind: "apt",
    package: "chromium",
    binary: "chromium",
  });
  // As root, and in containers, its sandbox cannot be had; the pages are our own.
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
  return { page, errors, [Symbol.asyncDispose]: () => browser.close() };
}

/** What is seen at a place of the window: red, green and blue. */
export async function colourAt(page: Page, x: number, y: number): Promise<number[]> {
  const png = await page.screenshot({ clip: { x, y, width: 1, height: 1 } });
  return page.evaluate(`(async () => {
    const octets = Uint8Array.from(atob("${png.toString("base64")}"), (character) => character.charCodeAt(0));
    const context = document.createElement("canvas").getContext("2d");
    context.drawImage(await createImageBitmap(new Blob([octets])), 0, 0);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  })()`) as Promise<number[]>;
}
