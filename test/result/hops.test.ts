import { expect, test } from "vitest";
import { attribute } from "../../src/attribution/attribution.ts";
import { html } from "../../src/output/html/html.ts";
import { csv } from "../../src/output/csv.ts";
import { markdown } from "../../src/output/markdown.ts";
import { renderTable } from "../../src/output/table.ts";
import { createRun } from "../../src/result/create-run.ts";
import type { Links } from "../../src/result/hops.ts";
import type { Load } from "../../src/result/load.ts";
import type { Observation } from "../../src/result/observation.ts";
import { resultSchema } from "../../src/result/schema.ts";
import { createWarning } from "../../src/result/warnings.ts";
import { createValidator } from "../../src/schema.ts";
import { urlSet } from "./example-set.ts";
import { connectionRow, createLoad, nothingObserved, runParts } from "./samples.ts";

const links: Links = {
  mapped: 7,
  unmapped: 0,
  elsewhere: 0,
  before: 2,
  matrix: [
    { from: 0, to: 0, connections: 4 },
    { from: 1, to: 0, connections: 1 },
    { from: 1, to: 1, connections: 2 },
  ],
  reason: "",
};
const second: Observation = {
  ...nothingObserved,
  envoy: { version: "1.40.0", concurrency: 2 },
  counted: { connections: 5, requests: 4 },
  workers: [
    { id: 0, cpuPercent: 61, connectionsOpened: 5, dispatcher: null },
    { id: 1, cpuPercent: 36, connectionsOpened: 2, dispatcher: null },
  ],
};

function runOf(
  observation: Partial<Observation> = {},
  over: Partial<Links> = {},
  changes: Partial<Load> = {},
) {
  const rows = [0, 1, 2, 3].map((i) => ({ latencyUs: 1000, connection: i % 4 }));
  const load = createLoad(rows, { connections: [0, 1, 2, 3].map((id) => connectionRow(id)), ...changes });
  return createRun(
    runParts(load, {
      behind: [{ observation: { ...second, ...observation }, links: { ...links, ...over } }],
    }),
  );
}

const hopDoubts = (run: ReturnType<typeof runOf>) =>
  run.warnings.filter(({ message }) => message.startsWith("Hop 2"));

test("a hop's worker holds what the matrix says goes to it: 4 + 1 and 2 of 7", () => {
  const { hops } = runOf();
  expect(hops.map(({ hop }) => hop)).toEqual([1, 2]);
  expect(hops[0]!.links).toBeNull();
  expect(hops[1]!.workers.map(({ connections, cpuPercent }) => [connections, cpuPercent])).toEqual([
    [5, 61],
    [2, 36],
  ]);
  expect(hopDoubts(runOf())).toEqual([]);
});

test("where no connection is mapped, a worker has what the listener held at the last scrape", () => {
  const workers = [{ id: 1, connections: 9, cpuPercent: null }];
  const seconds = [{ atUs: 1, workers, steal: null, cpuPressure: null }];
  const run = runOf({ seconds }, { mapped: 0, matrix: [], reason: "it is on another machine" });
  expect(run.hops[1]!.workers.map(({ connections }) => connections)).toEqual([null, 9]);
  expect(hopDoubts(run)).toMatchObject([
    { code: "workers-unseen", message: expect.stringContaining("it is on another machine") as string },
  ]);
});

test("a proxy that saw no request is not on the path", () => {
  const run = runOf({ counted: { connections: 0, requests: 0 } });
  expect(hopDoubts(run)).toMatchObject([
    { code: "hop-without-traffic", message: "Hop 2: no trace of the requests was seen there" },
  ]);
});

test("a hop's counts are held against what was sent, and its doubts named as its own", () => {
  expect(hopDoubts(runOf({ counted: { connections: 0, requests: 9 } }))).toMatchObject([
    { code: "other-traffic", message: "Hop 2 counted 5 requests more than the 4 sent" },
  ]);
  expect(hopDoubts(runOf({ counted: { connections: 0, requests: 3 } }))).toMatchObject([
    { code: "counts-differ", message: "Hop 2 counted 3 requests, of 4 that were answered" },
  ]);
  const followed = runOf(
    { counted: { connections: 0, requests: 9 } },
    {},
    { redirects: 3, warmup: { sent: 0, answered: 0, redirects: 2 } },
  );
  expect(hopDoubts(followed)).toEqual([]);
  const warnings = [createWarning("scrape-gap", "No /stats"), createWarning("noisy-machine", "steal")];
  expect(hopDoubts(runOf({ warnings }))).toMatchObject([{ code: "scrape-gap", message: "Hop 2: No /stats" }]);
});

test("the set fits the schema, and every output tells of each hop", async () => {
  const times = { downstream: [{ fromMs: 7, toMs: 8, count: 300 }], upstream: null, reason: "not so" };
  const runs = [runOf({ times })];
  const set = { ...urlSet(), runs, attribution: attribute(runs, { tailQuantile: 0.99, seed: 1 }) };
  expect(createValidator(resultSchema)(set)).toBeNull();
  const text = renderTable(set, { columns: 100, color: false });
  expect(text).toMatch(/hop 2 worker_0 +5 +61 % +4 +1\n/);
  expect(text).toMatch(/hop 2 worker_1 +2 +36 % +0 +2\n/);
  expect(markdown([set])).toMatch(/\| hop 2 worker\\?_0 \| 5 \|/);
  const [head = "", ...rows] = [...csv([set])].join("").trim().split("\r\n");
  const columns = head.split(",");
  const cells = rows.map((row) => Object.fromEntries(row.split(",").map((cell, i) => [columns[i], cell])));
  expect(
    cells.filter(({ hop }) => hop === "2").map((row) => [row["worker"], row["connections"], row["requests"]]),
  ).toEqual([
    ["", "", "300"],
    ["0", "5", ""],
    ["1", "2", ""],
  ]);
  const [page] = await html([set]);
  const whole = cells.find(({ scope }) => scope === "hop")!;
  expect([
    whole["downstream_tail_lo_us"],
    whole["downstream_tail_hi_us"],
    whole["upstream_tail_lo_us"],
  ]).toEqual(["7000", "8000", ""]);
  for (const output of [text, markdown([set]), [...page!.text].join("")]) {
    expect(output).toMatch(/hop 2 downstream[^0-9]+7\.00 to 8\.00/);
    expect(output).toContain("within hop 2 and behind it");
    expect(output.replaceAll(/\s+/g, " ")).toContain(
      "How long requests took at hop 2 is known in part: not so.",
    );
  }
});
