/** Fortio's own report pages, in a browser, show our results. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePorts } from "../../src/lab/ports.ts";
import { fortio } from "../../src/output/fortio.ts";
import { formatMillis } from "../../src/units.ts";
import { fortio as peer } from "../bench/peers/fortio.ts";
import { temporaryDirectory } from "../cli/mesh-load.ts";
import { exampleSet, urlSet } from "../result/example-set.ts";
import { openPage } from "./browser.ts";
import { findProgram } from "./program.ts";

async function serveReports(directory: string): Promise<AsyncDisposable & { readonly url: string }> {
  const program = await findProgram("fortio", peer.source);
  const [port] = await freePorts(1);
  const flags = ["-http-port", `127.0.0.1:${port}`, "-redirect-port", "disabled", "-data-dir", directory];
  const child = spawn(program, ["report", ...flags], { stdio: "ignore" });
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}/browse`;
  await expect
    .poll(
      () =>
        fetch(url).then(
          ({ ok }) => ok,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

test("a run, one with errors, and several runs are drawn with their figures", async () => {
  using directory = temporaryDirectory();
  const [lab, failing] = [exampleSet(), { ...urlSet({ fails: true }), id: "failing" }];
  for (const { name, text } of fortio([lab, failing]))
    writeFileSync(join(directory.path, name), String(text));
  await using server = await serveReports(directory.path);
  await using browser = await openPage();
  const { page, errors } = browser;
  /** What stands above the chart. */
  const titleOf = async (query: string): Promise<string> => {
    await page.goto(`${server.url}?${query}`);
    await page.waitForFunction(
      "typeof getCurrentChart === 'function' && getCurrentChart()?.options?.title?.text",
    );
    return String(await page.evaluate("[getCurrentChart().options.title.text].flat().join('\\n')"));
  };

  const [run] = lab.runs;
  const one = await titleOf(`url=${lab.id}_default_1.json`);
  expect(one).toContain("example set, default, run 1 - http://127.0.0.1:10000/ - 2025-01-02 03:04:05");
  expect(one).toContain("at 3000 target qps (2999.5 actual) 128 connections for 2s (actual time 2s)");
  expect(one).toContain("uniform: true, no error");
  expect(one).toContain(`p99 ${formatMillis(run!.latency.percentilesUs["99"]!)} ms`);
  expect((await page.screenshot()).length).toBeGreaterThan(20_000);

  expect(await titleOf("url=failing_127.0.0.1_8080_1.json")).toContain("3% errors");
  expect(await titleOf("s=example_set_.*_1")).toBe("Latency in milliseconds");
  expect(errors).toEqual([]);
});
