/** Two Envoy configurations on one port, driven in turn. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { createBootstrap } from "../../src/lab/bootstrap.ts";
import type { ListenerPlace } from "../../src/lab/bootstrap.ts";
import { findEnvoy } from "../../src/lab/envoy-binary.ts";
import { startEnvoy } from "../../src/lab/envoy-process.ts";
import { freePorts } from "../../src/lab/ports.ts";
import { envoyReady } from "../../src/lab/ready.ts";
import { readResultSet } from "../../src/result/read-result-set.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { start, temporaryDirectory } from "../cli/mesh-load.ts";
import { expectDone } from "./expect-done.ts";

/** The lab's own configuration stands for a user's: it has what such a file has. */
function write(file: string, adminPort: number, ...listeners: ListenerPlace[]): void {
  const bootstrap = createBootstrap({ adminPort, listeners, upstream: null, workFile: null, tls: null });
  writeFileSync(file, JSON.stringify(bootstrap));
}

const load = ["-c", "8", "-qps", "200", "-t", "500ms", "-reps", "2", "-quiet"];
const alive = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`).then(
    () => true,
    () => false,
  );

async function envoysOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.split(" ").filter(Boolean).map(Number);
}

test("each run has an Envoy of its own, with the file's port and the mode that its sockets prove", async () => {
  using directory = temporaryDirectory();
  const [port = 0, adminPort = 0] = await freePorts(2);
  write(join(directory.path, "base.json"), adminPort, { mode: "default", port });
  write(join(directory.path, "head.json"), adminPort, { mode: "exact_balance", port });
  using run = start(["run", "-ab", "base.json", "head.json", ...load, "-gate", "failures<=0.1%"], {
    cwd: directory.path,
  });
  const done = await run.ended;
  expectDone(done);
  expect(done.stderr).toBe("");
  expect(done.stdout).toContain("The sides differ: bootstrap is base.json against head.json");

  const [file] = readdirSync(join(directory.path, "results"));
  const { runs, environment, plan } = await readResultSet(join(directory.path, "results", file!));
  expect(runs.map(({ side, proof, target }) => [side, proof.inEffect, target.url]).toSorted()).toEqual(
    ["a", "a", "b", "b"].map((side) => [
      side,
      side === "a" ? "default" : "exact_balance",
      `http://127.0.0.1:${port}/`,
    ]),
  );
  for (const { mapping, statuses, connections, workers } of runs) {
    expect(statuses).toEqual({ 200: 100 });
    expect([mapping.mapped, mapping.unmapped]).toEqual([8, 0]);
    expect(workers.map((worker) => worker.connections).reduce((sum, held) => sum + held, 0)).toBe(8);
    expect(connections).toHaveLength(8);
  }
  // Nobody else's connections: an Envoy of the run's own has seen the load's alone.
  const doubts = new Set(runs.flatMap(({ warnings }) => warnings.map((warning) => warning.code)));
  expect(doubts).not.toContain("other-traffic");
  expect(doubts).not.toContain("counts-differ");
  expect(environment).toMatchObject({ workers: 2, sides: { a: { envoy: environment.envoy } } });
  expect(plan.targets.map(({ bootstrap, pid }) => [bootstrap?.file, pid])).toEqual([
    ["base.json", null],
    ["head.json", null],
  ]);
});

test("of several listeners one must be named, and no Envoy is left", async () => {
  using directory = temporaryDirectory();
  const [one = 0, two = 0, adminPort = 0] = await freePorts(3);
  const file = join(directory.path, "two.json");
  write(file, adminPort, { mode: "default", port: one }, { mode: "exact_balance", port: two });
  using vague = start(["run", "two.json", ...load], { cwd: directory.path });
  expect(await vague.ended).toMatchObject({
    code: 2,
    stderr:
      "mesh-load: two.json has several listeners, and -listener names none of them\nGive -listener one of default, exact_balance.\n",
  });
  using named = start(["run", "two.json", "-listener", "exact_balance", ...load, "-json", "-"], {
    cwd: directory.path,
  });
  const done = await named.ended;
  expectDone(done);
  const { runs } = JSON.parse(done.stdout) as { runs: { target: { url: string } }[] };
  expect(runs.map(({ target }) => target.url)).toEqual([
    `http://127.0.0.1:${two}/`,
    `http://127.0.0.1:${two}/`,
  ]);
});

test("a listener needs no name, and may listen on every address", async () => {
  using directory = temporaryDirectory();
  const [port = 0, adminPort = 0] = await freePorts(2);
  const file = join(directory.path, "unnamed.json");
  write(file, adminPort, { mode: "exact_balance", port });
  const unnamed: unknown = JSON.parse(await readFile(file, "utf8"), (key, value: unknown) =>
    key === "name" && value === "exact_balance" ? undefined : value,
  );
  writeFileSync(file, JSON.stringify(unnamed).replaceAll('"127.0.0.1"', '"0.0.0.0"'));
  using run = start(["run", "unnamed.json", ...load, "-json", "-"], { cwd: directory.path });
  const { stdout, stderr } = await run.ended;
  const { runs } = JSON.parse(stdout) as {
    runs: { proof: { inEffect: string }; mapping: { mapped: number } }[];
  };
  expect(
    runs.map(({ proof, mapping }) => [proof.inEffect, mapping.mapped]),
    stderr,
  ).toEqual([
    ["exact_balance", 8],
    ["exact_balance", 8],
  ]);
});

test("a file that is missing is named before the first run, one that Envoy refuses with its reason alone", async () => {
  using directory = temporaryDirectory();
  const [port = 0, adminPort = 0] = await freePorts(2);
  write(join(directory.path, "good.json"), adminPort, { mode: "default", port });
  writeFileSync(join(directory.path, "bad.yaml"), "static_resources: { listners: [] }\n");
  using missing = start(["run", "-ab", "good.json", "none.yaml", ...load], { cwd: directory.path });
  const first = await missing.ended;
  expect(first.code).toBe(3);
  expect(first.stderr).toMatch(/^mesh-load: Cannot read the bootstrap none\.yaml: /);
  expect(first.stdout).toBe("");
  using refused = start(["run", "bad.yaml", ...load], { cwd: directory.path });
  const second = await refused.ended;
  expect(second.code).toBe(3);
  expect(second.stderr).toContain("listners");
  expect(second.stderr).not.toContain("[info]");
});

test("a port that another Envoy listens on is not measured with it, though both may bind it", async () => {
  using directory = temporaryDirectory();
  const [port = 0, adminPort = 0] = await freePorts(2);
  const configPath = join(directory.path, "first.json");
  for (const file of [configPath, join(directory.path, "second.json")])
    write(file, adminPort, { mode: "reuse_port", port });
  const binary = await findEnvoy(null, { places: labPlaces(), onNote: () => undefined });
  const logPath = join(directory.path, "envoy.log");
  await using first = await startEnvoy({ binary, configPath, logPath, workers: 2 });
  const [admin, url] = [`http://127.0.0.1:${adminPort}`, `http://127.0.0.1:${port}/`];
  await envoyReady({ admin, urls: [url], failed: [first.failed] });
  for (const target of [["second.json"], ["-ab", "second.json", "first.json"]]) {
    using run = start(["run", ...target, ...load], { cwd: directory.path });
    const { code, stdout, stderr } = await run.ended;
    expect([code, stdout]).toEqual([3, ""]);
    // Which side comes first is drawn.
    expect(stderr.replace("first.json", "second.json")).toBe(
      `mesh-load: 127.0.0.1:${port} is already listened on by PID ${first.pid} (envoy)\n` +
        "End that, or give the listener in second.json another port: connections would reach both.\n",
    );
  }
});

test("Ctrl-C ends the Envoy of the run in hand", async () => {
  using directory = temporaryDirectory();
  const [port = 0, adminPort = 0] = await freePorts(2);
  write(join(directory.path, "one.json"), adminPort, { mode: "default", port });
  using run = start(["run", "one.json", "-c", "4", "-qps", "50", "-t", "60s"], { cwd: directory.path });
  await expect.poll(() => envoysOf(run.process.pid!), { timeout: 20_000 }).toHaveLength(1);
  const [envoy = 0] = await envoysOf(run.process.pid!);
  run.process.kill("SIGINT");
  expect((await run.ended).code).toBe(130);
  expect(await alive(envoy)).toBe(false);
});

test.each([
  { how: "cannot start", expected: 3 },
  { how: "is interrupted while it starts", expected: 130 },
])("an Envoy that $how between two runs costs none of the finished ones", async ({ expected }) => {
  using directory = temporaryDirectory();
  const [port = 0, adminPort = 0] = await freePorts(2);
  const files = ["base.json", "head.json"].map((name) => join(directory.path, name));
  for (const file of files) write(file, adminPort, { mode: "default", port });
  const results = join(directory.path, "results");
  const slow = "-c 8 -qps 50 -t 2s -reps 2".split(" ");
  using run = start(["run", "-ab", "base.json", "head.json", ...slow], { cwd: directory.path });
  await run.said("run 1/4");
  // Of one that no Envoy accepts the next run dies; one without a listener never gets ready.
  for (const file of files) writeFileSync(file, expected === 3 ? "static_resources: { listners: [] }" : "{}");
  if (expected === 130) {
    await expect.poll(() => readdirSync(results).length, { timeout: 20_000 }).toBe(1);
    await sleep(500);
    run.process.kill("SIGINT");
  }
  const { code, stdout, stderr } = await run.ended;
  expect(code, stderr).toBe(expected);
  expect(stdout).toContain("Saved as results/");
  const [file] = readdirSync(results);
  const { runs } = await readResultSet(join(results, file!));
  expect(runs.map(({ statuses }) => statuses)).toEqual([{ 200: 100 }]);
});

test("redirects within an Envoy are the load's own requests to it, those of the warm-up too", async () => {
  using directory = temporaryDirectory();
  const [port = 0, adminPort = 0] = await freePorts(2);
  const file = join(directory.path, "redirecting.json");
  write(file, adminPort, { mode: "default", port });
  const routes = '"routes":[';
  const redirect = JSON.stringify({ match: { path: "/" }, redirect: { path_redirect: "/to" } });
  writeFileSync(file, readFileSync(file, "utf8").replace(routes, `${routes}${redirect},`));
  using driven = start(
    ["run", "redirecting.json", "-stdclient", "-L", "-warmup", "300ms", ...load, "-json", "-"],
    { cwd: directory.path },
  );
  const { code, stdout } = await driven.ended;
  const { runs } = JSON.parse(stdout) as ResultSet;
  expect([code, runs[0]!.statuses, runs[0]!.redirects]).toEqual([0, { 200: 100 }, 100]);
  const doubts = runs[0]!.warnings.map((warning) => warning.code);
  expect(doubts).not.toContain("other-traffic");
  expect(doubts).not.toContain("counts-differ");
});
