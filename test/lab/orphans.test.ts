import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findOrphans, forgetLab, recordLab } from "../../src/lab/orphans.ts";

let root: string;
let labs: string;
let proc: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mesh-load-test-"));
  labs = join(root, "labs");
  proc = join(root, "proc");
});
afterEach(() => rm(root, { recursive: true }));

/** A line of /proc/PID/stat as Linux writes it, its name chosen to mislead a split on blanks. */
async function lives(pid: number, startTicks: number, state = "S"): Promise<void> {
  const line = `${pid} (a) S (b) ${state} 1 4242 4242 0 -1 4194560 5 0 0 0 12 3 0 0 20 0 7 0 ${startTicks} 2134 64 18446744073709551615`;
  await mkdir(join(proc, String(pid)), { recursive: true });
  await writeFile(join(proc, String(pid), "stat"), `${line}\n`);
}

async function lab(name: string, state?: object): Promise<void> {
  await mkdir(join(labs, name), { recursive: true });
  await writeFile(join(labs, name, "envoy.log"), "");
  if (state !== undefined) await writeFile(join(labs, name, "state.json"), JSON.stringify(state));
}

const owner = { pid: 100, startTicks: 1000 };
const envoy = { pid: 101, startTicks: 1001 };

test("names an Envoy whose owner is gone, at every start until it has ended", async () => {
  await lab("a", { owner, envoy });
  await lives(101, 1001);
  expect(await findOrphans(labs, proc)).toEqual([{ owner, envoy }]);
  expect(await findOrphans(labs, proc)).toEqual([{ owner, envoy }]);
  await rm(join(proc, "101"), { recursive: true });
  expect(await findOrphans(labs, proc)).toEqual([]);
  expect(await readdir(join(labs, "a"))).toEqual(["envoy.log"]);
});

test("leaves a lab alone whose owner lives", async () => {
  await lab("a", { owner, envoy });
  await lives(100, 1000);
  await lives(101, 1001);
  expect(await findOrphans(labs, proc)).toEqual([]);
  expect(await readdir(join(labs, "a"))).toEqual(["envoy.log", "state.json"]);
});

test("takes a process that was started later under the owner's PID for another one", async () => {
  await lab("a", { owner, envoy });
  await lives(100, 99_999);
  await lives(101, 1001);
  expect(await findOrphans(labs, proc)).toHaveLength(1);
});

test("takes a process that was started later under Envoy's PID for another one", async () => {
  await lab("a", { owner, envoy });
  await lives(101, 99_999);
  expect(await findOrphans(labs, proc)).toEqual([]);
});

test("takes a zombie for gone: it runs no more, and cannot be killed", async () => {
  await lab("a", { owner, envoy });
  await lives(101, 1001, "Z");
  expect(await findOrphans(labs, proc)).toEqual([]);
});

test("keeps the logs of the ten labs that ended last", async () => {
  for (let day = 1; day <= 12; day++) {
    await lab(`lab-${day}`);
    await utimes(join(labs, `lab-${day}`), day * 86_400, day * 86_400);
  }
  await findOrphans(labs, proc);
  const left = (await readdir(labs)).map((name) => Number(name.slice(4))).toSorted((a, b) => a - b);
  expect(left).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test("finds nothing where no lab has ever been", async () => {
  expect(await findOrphans(join(root, "never"), proc)).toEqual([]);
});

test("records real processes so that the kernel's own procfs knows them again", async () => {
  await lab("a");
  await recordLab(join(labs, "a"), { ownerPid: process.pid, envoyPid: process.ppid });
  expect(await readdir(join(labs, "a"))).toEqual(["envoy.log", "state.json"]);
  expect(await findOrphans(labs)).toEqual([]);
  expect(await readdir(join(labs, "a"))).toEqual(["envoy.log", "state.json"]);
  await forgetLab(join(labs, "a"));
  expect(await readdir(join(labs, "a"))).toEqual(["envoy.log"]);
});
