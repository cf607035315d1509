/** How long a user waits for the first request. */

import { wallClock } from "../../src/clock.ts";
import { leadUs } from "../../src/driver/drive-threads.ts";
import type { BenchContext, OwnJob } from "./job.ts";
import { measure } from "./measure.ts";
import { meshLoad } from "./peers/mesh-load.ts";
import { median } from "./statistics.ts";
import type { Table } from "./table.ts";

const defaultRounds = 3;
const limitS = 30;

export const startJob: OwnJob = {
  name: "start",
  title: "From Enter to the first request",
  method: `\`mesh-load run -c 128 -qps 3000\` in the lab, with Envoy cached: Envoy started, its work calibrated, connections opened. From the start of the process to the start of the first run, plus the ${leadUs / 1e3} ms in which the driver's threads rehearse and get ready together.`,
  measure: measureStart,
};

async function measureStart({ programs, rounds, note }: BenchContext): Promise<Table> {
  const program = programs.get(meshLoad.name);
  if (program === undefined || typeof program === "string") throw new Error("mesh-load is missing");
  const load = [
    "run",
    "-c",
    "128",
    "-qps",
    "3000",
    "-t",
    "1s",
    "-reps",
    "1",
    "-no-save",
    "-quiet",
    "-json",
    "-",
  ];
  const seconds: number[] = [];
  for (let round = 0; round < (rounds ?? defaultRounds); round++) {
    note(`  start ${round + 1}`);
    const enteredMs = wallClock().getTime();
    const { stdout, stderr } = await measure([...program.argv, ...load], limitS);
    if (stdout === "") throw new Error(stderr.trim());
    const { runs } = JSON.parse(stdout) as { runs: { startedAt: string }[] };
    const firstMs = Math.min(...runs.map(({ startedAt }) => Date.parse(startedAt)));
    seconds.push((firstMs - enteredMs) / 1e3 + leadUs / 1e6);
  }
  const [least, most] = [Math.min(...seconds), Math.max(...seconds)];
  return {
    headings: ["", "seconds"],
    rows: [["mesh-load", `${median(seconds).toFixed(2)} [${least.toFixed(2)}–${most.toFixed(2)}]`]],
    notes: [],
  };
}
