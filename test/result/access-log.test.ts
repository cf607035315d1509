import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { appendAccessLog, openAccessLog } from "../../src/result/access-log.ts";
import { noConnection, outcomeOf } from "../../src/result/load.ts";
import { thrown } from "../thrown.ts";
import { connectionRow, createLoad } from "./samples.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "mesh-load-test-"))));
afterEach(() => rm(folder, { recursive: true }));

// As they ended: the third began before the second.
const load = createLoad(
  [
    { latencyUs: 396, lagUs: 10, connection: 0, outcome: 200 },
    { latencyUs: 1500, connection: 1, outcome: 503 },
    { latencyUs: 3e6, blockedUs: 2000, connection: 0, outcome: outcomeOf("timeout") },
    { latencyUs: 9e6, blockedUs: 9e6, connection: noConnection, outcome: outcomeOf("never-sent") },
  ],
  { connections: [connectionRow(0), connectionRow(17, { thread: 1 })] },
);
const startUs = Float64Array.from([0, 2000, 1000.25, 2_500_000]);
const run = {
  order: 4,
  epochUs: 1_763_775_329_137_251,
  load: { ...load, samples: { ...load.samples, startUs } },
  workerOf: new Map([[17, 1]]),
};

test("JSON has Fortio's fields first, then ours, a line a request, in the order of the intended starts", async () => {
  const path = join(folder, "new", "log.json");
  await openAccessLog({ path, format: "json" });
  await appendAccessLog({ path, format: "json" }, run);
  expect((await readFile(path, "utf8")).split("\n")).toEqual([
    '{"latency":0.000396,"timestamp":1763775329137251000,"thread":0,"iter":0,"ok":true,"details":"200","run":4,"connection":0,"worker":null,"blocked":0,"lag":0.00001}',
    '{"latency":3,"timestamp":1763775329138251000,"thread":0,"iter":1,"ok":false,"details":"timeout","run":4,"connection":0,"worker":null,"blocked":0.002,"lag":0}',
    '{"latency":0.0015,"timestamp":1763775329139251000,"thread":1,"iter":0,"ok":false,"details":"503","run":4,"connection":17,"worker":1,"blocked":0,"lag":0}',
    '{"latency":9,"timestamp":1763775331637251000,"thread":null,"iter":0,"ok":false,"details":"never-sent","run":4,"connection":null,"worker":null,"blocked":9,"lag":0}',
    "",
  ]);
});

test("influx has Fortio's measurement, with what is not known left out", async () => {
  const path = join(folder, "log");
  await appendAccessLog({ path, format: "influx" }, run);
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  expect([lines[0], lines[2], lines[3]]).toEqual([
    'latency,thread=0,ok=true,run=4,connection=0 value=0.000396,details="200",blocked=0,lag=0.00001 1763775329137251000',
    'latency,thread=1,ok=false,run=4,connection=17,worker=1 value=0.0015,details="503",blocked=0,lag=0 1763775329139251000',
    'latency,ok=false,run=4 value=9,details="never-sent",blocked=9,lag=0 1763775331637251000',
  ]);
});

test("lines are appended, as Fortio does, and many of them whole", async () => {
  const path = join(folder, "log");
  await writeFile(path, "kept\n");
  const many = 2500;
  const rows = Array.from({ length: many }, (_, i) => ({ latencyUs: i, connection: 0 }));
  const big = createLoad(rows, { connections: [connectionRow(0)] });
  const samples = { ...big.samples, startUs: Float64Array.from(rows, (_, i) => 1e6 - i) };
  await appendAccessLog({ path, format: "json" }, { ...run, load: { ...big, samples } });
  const [kept, ...lines] = (await readFile(path, "utf8")).trimEnd().split("\n");
  expect(kept).toBe("kept");
  const latencies = lines.map((line) => Math.round((JSON.parse(line) as { latency: number }).latency * 1e6));
  expect(latencies).toEqual(rows.map((_, i) => many - 1 - i));
});

test("what cannot be appended to is told before the load", async () => {
  expect(await thrown(() => openAccessLog({ path: folder, format: "json" }))).toMatch(
    /^OUTPUT_UNWRITABLE \(3\): Cannot write .*illegal operation on a directory/,
  );
  expect(await thrown(() => openAccessLog({ path: "/proc/none/log", format: "json" }))).toMatch(
    /^OUTPUT_UNWRITABLE \(3\): Cannot write .*no such file or directory/,
  );
});
