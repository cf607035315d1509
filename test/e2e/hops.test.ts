/** A chain of two real Envoys, watched as a person's own: by two admins. */

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { startLab } from "../../src/lab/lab.ts";
import type { Lab } from "../../src/lab/lab.ts";
import { execute } from "../cli/execute.ts";
import { start, temporaryDirectory } from "../cli/mesh-load.ts";
import { driveOnce, messagesOf } from "./drive-once.ts";

let lab: Lab;

beforeAll(async () => {
  const upstream = { protocol: "http/1.1", delayUs: 10_000, sizeBytes: 0, status: 200 } as const;
  lab = await startLab(
    { modes: ["default", "reuse_port"], workers: 3, workUs: 0, envoy: null, upstream, tls: false, hops: 2 },
    { qps: 100, places: labPlaces(), onNote: () => undefined },
  );
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

const urlOf = (mode: string): string => lab.targets.find((target) => target.mode === mode)!.url;
const behind = () => lab.behind.map(({ admin }) => ({ admin }));

/** Connections that each worker of hop 2 holds, as its own Envoy counts them. */
async function heldBySecond(mode: string): Promise<number[]> {
  const filter = encodeURIComponent(`^listener\\.${mode}\\.worker_\\d+\\.downstream_cx_active$`);
  const text = await (await fetch(`${lab.behind[0]!.admin}/stats?filter=${filter}`)).text();
  const lines = text.trim().split("\n").toSorted();
  return lines.map((line) => Number(line.split(": ")[1]));
}

test("every connection between the two is on the worker that its own Envoy counts it on", async () => {
  for (const mode of ["default", "reuse_port"]) {
    const run = await driveOnce({ target: { url: urlOf(mode) }, admin: lab.admin, hops: behind() });
    const [first, second] = run.hops;
    expect(second!.workers.map(({ connections }) => connections)).toEqual(await heldBySecond(mode));
    expect(second!.links).toMatchObject({ unmapped: 0, elsewhere: 0, reason: "" });
    expect([first!.proof.listener, second!.proof.listener]).toEqual([mode, mode]);
    expect([first!.counted.requests, second!.counted.requests]).toEqual([240, 240]);
    const used = new Set(run.workers.filter(({ requests }) => requests > 0).map(({ id }) => id));
    const rows = new Set(second!.links!.matrix.map(({ from }) => from));
    // Whoever served requests holds connections to the next hop.
    for (const id of used) expect(rows).toContain(id);
    expect(run.warnings.filter(({ message }) => message.startsWith("Hop"))).toEqual([]);
  }
});

test("upstream connections outlive a run, and the next one says how many it found", async () => {
  const run = await driveOnce({ target: { url: urlOf("default") }, admin: lab.admin, hops: behind() });
  const { before, mapped } = run.hops[1]!.links!;
  expect(before).toBeGreaterThanOrEqual(1);
  expect(before).toBeLessThanOrEqual(mapped);
});

test("the lab closes them, and the next run opens its own", async () => {
  await lab.renew();
  await expect.poll(() => heldBySecond("default")).toEqual([0, 0, 0]);
  const run = await driveOnce({ target: { url: urlOf("default") }, admin: lab.admin, hops: behind() });
  expect(run.statuses).toEqual({ "200": 240 });
  expect(run.hops[1]!.links!.before).toBe(0);
});

test("an Envoy that is not behind the first is said to have seen nothing", async () => {
  const run = await driveOnce({
    target: { url: urlOf("default").replace(/:\d+/, `:${await portBehind()}`) },
    admin: lab.behind[0]!.admin,
    hops: [{ admin: lab.admin }],
  });
  expect(messagesOf(run, "hop-without-traffic")).toEqual(["Hop 2: no trace of the requests was seen there"]);
});

test("one proxy under two addresses is refused, and so is a second admin that is dead", async () => {
  const again = lab.admin.replace("127.0.0.1", "localhost");
  await expect(
    driveOnce({ target: { url: urlOf("default") }, admin: lab.admin, hops: [{ admin: again }] }),
  ).rejects.toMatchObject({
    code: "PLAN_IMPOSSIBLE",
    message: `hop 2 is the same proxy as hop 1: process ${lab.pid}`,
  });
  await expect(
    driveOnce({
      target: { url: urlOf("default") },
      admin: lab.admin,
      hops: [{ admin: "http://127.0.0.1:1" }],
    }),
  ).rejects.toMatchObject({
    code: "ADMIN_UNREACHABLE",
    message: expect.stringContaining("http://127.0.0.1:1") as string,
  });
});

test("inspect tells of several Envoys, each under its admin", async () => {
  const { stdout, code } = await execute("inspect", lab.admin, lab.behind[0]!.admin);
  expect(code).toBe(0);
  expect(stdout.match(/^http:.*$/gm)).toEqual([lab.admin, lab.behind[0]!.admin]);
  expect(stdout.match(/applied +yes/g)).toHaveLength(4);
});

async function portBehind(): Promise<number> {
  const listeners = (await (await fetch(`${lab.behind[0]!.admin}/listeners?format=json`)).json()) as {
    listener_statuses: { name: string; local_address: { socket_address: { port_value: number } } }[];
  };
  return listeners.listener_statuses.find(({ name }) => name === "default")!.local_address.socket_address
    .port_value;
}

test("mesh-load lab ends with an error where any Envoy of the chain is gone, and names its log", async () => {
  using directory = temporaryDirectory();
  using chain = start(["lab", "-hops", "2", "-modes", "default", "-workers", "1"], { cwd: directory.path });
  await chain.said("Ctrl-C ends it.");
  const children = await readFile(`/proc/${chain.process.pid}/task/${chain.process.pid}/children`, "utf8");
  const pids = children.split(" ").filter(Boolean).map(Number);
  expect(pids).toHaveLength(2);
  process.kill(pids[0]!, "SIGKILL");
  const { code, stdout, stderr } = await chain.ended;
  expect(code).toBe(3);
  expect(stdout).toContain(`hop 2                   pid ${pids[0]}`);
  expect(stderr).toMatch(
    new RegExp(`^mesh-load: Envoy \\(pid ${pids[0]}\\) ended by itself\nIts log: \\S+$`, "m"),
  );
});
