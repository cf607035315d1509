/** The command line against a plain Node server: what it writes, where, and with which exit code it ends. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readResultSet } from "../../src/result/read-result-set.ts";
import { start, temporaryDirectory } from "../cli/mesh-load.ts";
import type { Transcript } from "../cli/mesh-load.ts";
import { expectDone } from "./expect-done.ts";

/** A plain Node server: the path is the status it answers with. */
const server = createServer((request, response) => {
  response.statusCode = Number(request.url!.slice(1)) || 200;
  response.end("hello");
});
let url = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const shortLoad = ["-c", "2", "-qps", "50", "-t", "200ms", "-max-failures", "0"];

async function meshLoad(...args: string[]): Promise<Transcript> {
  using directory = temporaryDirectory();
  using started = start(args, { cwd: directory.path });
  return await started.ended;
}

test("a load on a plain server is reported, saved, and answered with 0", async () => {
  using directory = temporaryDirectory();
  const done = await start(["run", url, ...shortLoad, "-labels", "plain"], { cwd: directory.path }).ended;
  const [file] = readdirSync(join(directory.path, "results"));
  const set = await readResultSet(join(directory.path, "results", file!));
  // 50 qps over 0.2 s.
  expect(set.runs[0]!.statuses).toEqual({ "200": 10 });
  expect(done.stdout).toContain(`Saved as results/${file}`);
  expectDone(done);
});

test("failures on either side of a profile are the comparison's to judge, unless -max-failures says otherwise", async () => {
  using directory = temporaryDirectory();
  const targets = ["a", "b"].map((side) => ({ url: `${url}/503`, side }));
  const profile = join(directory.path, "sides.json");
  writeFileSync(profile, JSON.stringify({ targets, repetitions: 1, load: { allowInitialErrors: true } }));
  const run = ["run", "-profile", profile, "-c", "2", "-qps", "50", "-n", "10", "-no-save", "-quiet"];
  const [open, bounded] = [await meshLoad(...run), await meshLoad(...run, "-max-failures", "19")];
  // A pair of runs leaves the comparison undecided.
  expect([open.code, bounded.code], open.stderr).toEqual([5, 1]);
});

test("on a terminal nothing of the progress is left beside the report", async () => {
  using directory = temporaryDirectory();
  const inTerminal = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const argv = [process.execPath, main, "run", url, ...shortLoad, "-no-save"];
  const terminal = spawn("python3", ["-c", inTerminal, ...argv], { cwd: directory.path });
  const stdout = await text(terminal.stdout);
  expect(stdout).toContain("starting");
  const [above] = stdout.split(`${url}/ ·`);
  expect(above!.slice(-4)).toBe("\r\u001B[K");
});

test("with -json - stdout holds the result set and nothing else", async () => {
  const { stdout, stderr } = await meshLoad("run", url, ...shortLoad, "-json", "-", "-no-save", "-quiet");
  expect(JSON.parse(stdout)).toMatchObject({
    tool: { name: "mesh-load" },
    runs: [{ statuses: { "200": 10 } }],
  });
  expect(stderr).toBe("");
});

test("report makes of a saved set what the run made of it", async () => {
  using directory = temporaryDirectory();
  const cwd = directory.path;
  const ran = await start(["run", url, ...shortLoad, "-json", "a.json", "-csv", "a.csv"], { cwd }).ended;
  const read = (name: string): string => readFileSync(join(cwd, name), "utf8");
  const report = (...args: string[]) => start(["report", "a.json", ...args], { cwd }).ended;
  const [table, csv, twice, json] = await Promise.all([
    report(),
    report("-format", "csv"),
    report("a.json", "-format", "csv"),
    report("-format", "json", "-o", "b.json"),
  ]);
  expect(ran.stdout.startsWith(table.stdout.trimEnd())).toBe(true);
  expect(csv).toEqual({ code: 0, stdout: read("a.csv"), stderr: "" });
  const [heading, ...rows] = read("a.csv").trimEnd().split("\r\n");
  expect(twice.stdout.trimEnd().split("\r\n")).toEqual([heading, ...rows, ...rows]);
  expect(json).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(read("b.json")).toBe(read("a.json"));
});

test("no secret is printed or stored", async () => {
  using directory = temporaryDirectory();
  const secrets = ["-user", "me:hushhush", "-H", "Cookie: a=hushhush", "-payload", "hushhush"];
  const args = ["run", url, ...shortLoad, ...secrets, "-json", "set.json", "-csv", "set.csv"];
  const { stdout, stderr } = await start(args, { cwd: directory.path }).ended;
  const files = readdirSync(directory.path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(files).toHaveLength(3);
  for (const text of [
    stdout,
    stderr,
    ...files.map((file) => readFileSync(join(file.parentPath, file.name), "utf8")),
  ])
    for (const secret of ["hushhush", btoa("me:hushhush"), btoa("hushhush")])
      expect(text).not.toContain(secret);
});

test("everything answered 503 is exit code 1", async () => {
  const { code, stdout } = await meshLoad(
    "run",
    `${url}/503`,
    ...shortLoad,
    "-allow-initial-errors",
    "-json",
    "-",
    "-no-save",
    "-quiet",
  );
  const { statuses, warnings } = (
    JSON.parse(stdout) as { runs: { statuses: object; warnings: { code: string }[] }[] }
  ).runs[0]!;
  expect(statuses).toEqual({ "503": 10 });
  expect(code === 1 || warnings.some((warning) => warning.code === "driver-saturated")).toBe(true);
});

test("a full stdout loses nothing: the set is saved, and the hint says where", async () => {
  using directory = temporaryDirectory();
  const full = openSync("/dev/full", "w");
  const { code, stderr } = await start(["run", url, ...shortLoad, "-quiet"], {
    cwd: directory.path,
    stdout: full,
  }).ended;
  closeSync(full);
  const [file] = readdirSync(join(directory.path, "results"));
  expect(code).toBe(3);
  expect(stderr).toMatch(/^mesh-load: stdout cannot be written: ENOSPC/);
  expect(stderr).toContain(`Nothing is lost: mesh-load report results/${file}`);
});

test.each(["-json", "-csv", "-access-log-file"])(
  "a full %s takes nothing else with it: the table comes, then the error",
  async (flag) => {
    using directory = temporaryDirectory();
    const args = ["run", url, ...shortLoad, "-quiet", "-no-save"];
    const others = ["json", "csv"].filter((kind) => `-${kind}` !== flag);
    const rest = others.flatMap((kind) => [`-${kind}`, `set.${kind}`]);
    const { code, stdout, stderr } = await start([...args, flag, "/dev/full", ...rest], {
      cwd: directory.path,
    }).ended;
    expect(code).toBe(3);
    expect(stderr).toMatch(/^mesh-load: Cannot write \/dev\/full: no space left/);
    expect(stdout).toMatch(/^Requests +10$/m);
    expect(readdirSync(directory.path).toSorted()).toEqual(others.map((kind) => `set.${kind}`).toSorted());
  },
);

test("a reader that goes away ends the output quietly", async () => {
  using directory = temporaryDirectory();
  using started = start(["run", url, ...shortLoad, "-quiet"], { cwd: directory.path });
  started.process.stdout!.destroy();
  const { stderr, code } = await started.ended;
  expect(stderr).toBe("");
  expect([0, 4]).toContain(code);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s ends the run, saves and reports it, with exit code %d",

  async (signal, expected) => {
    using directory = temporaryDirectory();
    using started = start(["run", url, "-qps", "50", "-t", "10m"], { cwd: directory.path });
    await started.said(new URL(url).host);
    setTimeout(() => started.process.kill(signal), 300);
    const { code, stdout } = await started.ended;
    expect(code).toBe(expected);
    const [file] = readdirSync(join(directory.path, "results"));
    expect((await readResultSet(join(directory.path, "results", file!))).runs[0]!.state).toBe("interrupted");
    expect(stdout).toContain(`Saved as results/${file}`);
  },
);

test("Ctrl-C while connections are opened ends that, and saves and reports those that are open", async () => {
  using directory = temporaryDirectory();
  const opened = once(server, "connection");
  const opening = ["-c", "600", "-connect", "1/s", "-t", "0"];
  using started = start(["run", url, "-qps", "50", ...opening], { cwd: directory.path });
  await opened;
  started.process.kill("SIGINT");
  const { code, stdout } = await started.ended;
  expect(code).toBe(130);
  const [file] = readdirSync(join(directory.path, "results"));
  const [run] = (await readResultSet(join(directory.path, "results", file!))).runs;
  expect(run!.state).toBe("interrupted");
  expect(run!.openFailures).toEqual({ interrupted: 600 - run!.actual.connections });
  expect(run!.latency.count).toBe(0);
  expect(stdout).toContain(`Saved as results/${file}`);
});

test("a second Ctrl-C ends at once", async () => {
  using directory = temporaryDirectory();
  const stuck = createServer(() => {});
  await new Promise<void>((resolve) => stuck.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(stuck.address() as AddressInfo).port}`;
  // Nothing is ever answered, so the drain after the first would take a minute.
  using started = start(["run", address, "-timeout", "1m", "-t", "10m"], { cwd: directory.path });
  await started.said(new URL(address).host);
  setTimeout(() => started.process.kill("SIGINT"), 300);
  await started.said("once more ends at once");
  started.process.kill("SIGINT");
  expect((await started.ended).code).toBe(130);
  stuck.closeAllConnections();
  stuck.close();
});
