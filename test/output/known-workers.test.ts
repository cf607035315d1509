import { describe, expect, test } from "vitest";
import { csv } from "../../src/output/csv.ts";
import { stagesCsv } from "../../src/output/csv-stages.ts";
import { html } from "../../src/output/html/html.ts";
import { markdown } from "../../src/output/markdown.ts";
import { openmetrics } from "../../src/output/openmetrics.ts";
import { renderTable } from "../../src/output/table.ts";
import { createRun } from "../../src/result/create-run.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { stagedSet } from "../result/example-set.ts";
import { connectionRow, createLoad, nothingObserved, runParts } from "../result/samples.ts";

/** Four connections that nobody could map to the two workers; Envoy may have told how many it accepted. */
function unmapped(...accepted: readonly (number | null)[]): ResultSet {
  const set = stagedSet();
  const [{ stages }] = set.runs as [ResultSet["runs"][number]];
  const load = createLoad([{ latencyUs: 900, connection: 0, second: 0 }], {
    connections: [0, 1, 2, 3].map((id) => connectionRow(id)),
  });
  const workers = accepted.map((connectionsOpened, id) => ({
    id,
    cpuPercent: null,
    connectionsOpened,
    dispatcher: null,
  }));
  const run = createRun(runParts(load, { observation: { ...nothingObserved, workers } }));
  expect(run.mapping).toMatchObject({ mapped: 0, unmapped: 4 });
  return { ...set, runs: [{ ...run, stages }] };
}

describe("of a run whose connections could not be mapped", () => {
  const set = unmapped(3, 1);

  test("a worker has the connections that Envoy accepted, and no number of requests", async () => {
    const text = renderTable(set, { columns: 80, color: false });
    expect(text).toMatch(/worker_0 +3 +– +– +– +– +–\n +worker_1 +1 +– /);
    expect(markdown([set])).toMatch(/worker\\_0 \| 3 \| – \|/);
    const [document] = await html([set]);
    expect(String(document!.text)).not.toContain("Latency per worker");
    expect(String(document!.text)).toMatch(/worker_0<\/th><td[^>]*>3<\/td><td[^>]*>–</);
  });

  test("for machines it is left out", () => {
    const rows = [...csv([set])]
      .join("")
      .split("\r\n")
      .map((row) => row.split(","));
    const [names, , ...workers] = rows as [string[], ...string[][]];
    const column = (name: string): (string | undefined)[] =>
      workers.slice(0, 2).map((row) => row[names.indexOf(name)]);
    expect(column("connections")).toEqual(["3", "1"]);
    expect([column("requests"), column("failures")]).toEqual([
      ["", ""],
      ["", ""],
    ]);
    const exposition = openmetrics([set]);
    expect(exposition).toMatch(/mesh_load_worker_connections\{.*worker="0".*\} 3\n/);
    expect(exposition).not.toContain("mesh_load_worker_requests{");
    expect([...stagesCsv([set])].join("")).not.toContain(",150,");
    expect(set.runs[0]!.series[0]!.workers.map(({ requests }) => requests)).toEqual([null, null]);
  });

  test("without Envoy's count its connections are not known either", () => {
    const text = renderTable(unmapped(null, null), { columns: 80, color: false });
    expect(text).toMatch(/worker_0 +– +– +– +– +– +–\n/);
  });
});
