/** The examples of examples/ci, run as GitHub would: their own commands, two real Envoys, and a planted regression. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { labPlaces } from "../../src/cli/places.ts";
import { findEnvoy } from "../../src/lab/envoy-binary.ts";
import { temporaryDirectory } from "../cli/mesh-load.ts";

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly "working-directory"?: string;
}

const root = resolve(import.meta.dirname, "../..");
const examples = join(root, "examples/ci");
let envoy: string;
beforeAll(async () => {
  envoy = await findEnvoy(null, { places: labPlaces(), onNote: () => {} });
});

// Of 300 ms, 15 % are 45 ms: more than a busy machine moves the median of a run. Without a rate, there is none to miss.
const load = "-modes exact_balance -c 16 -qps 0 -t 1300ms -warmup 0 -work 0 -upstream-delay 300ms";
const slower = `${load} -ab-upstream-delay 345ms`;

/** A runner's workspace: two checkouts that can be built, mesh-load beside them, and `mesh-load` on the PATH. */
function workspace(directory: string): Record<string, string> {
  for (const side of ["base", "head"]) {
    mkdirSync(join(directory, side));
    writeFileSync(join(directory, side, "build.sh"), `#!/bin/sh\nln -s '${envoy}' envoy\n`, { mode: 0o755 });
  }
  symlinkSync(root, join(directory, "mesh-load"));
  mkdirSync(join(directory, "bin"));
  const main = join(root, "src/cli/main.ts");
  const program = `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`;
  writeFileSync(join(directory, "bin/mesh-load"), program, { mode: 0o755 });
  return {
    PATH: [join(directory, "bin"), process.env["PATH"]].join(delimiter),
    HOME: process.env["HOME"] ?? "/",
    GITHUB_STEP_SUMMARY: join(directory, "summary.md"),
    GITHUB_ACTION_PATH: examples,
  };
}

/** Runs the steps with a command until one fails, as a runner does: `bash -eo pipefail`. */
function runSteps(
  steps: readonly Step[],
  {
    directory,
    env,
    values,
  }: { directory: string; env: Record<string, string>; values: Record<string, string> },
): { readonly code: number | null; readonly log: string } {
  const filled = (text: string): string =>
    text.replaceAll(/\$\{\{ *([\w.]+) *\}\}/g, (_, name: string) => {
      if (values[name] === undefined) throw new Error(`${name} is not set`);
      return values[name];
    });
  let log = "";
  for (const { run, env: own = {}, "working-directory": below = "." } of steps) {
    if (run === undefined) continue;
    const { status, stdout, stderr } = spawnSync("bash", ["-eo", "pipefail", "-c", filled(run)], {
      cwd: join(directory, below),
      encoding: "utf8",
      env: { ...env, ...Object.fromEntries(Object.entries(own).map(([name, text]) => [name, filled(text)])) },
    });
    log += stdout + stderr;
    if (status !== 0) return { code: status, log };
  }
  return { code: 0, log };
}

const read = (path: string): string => readFileSync(path, "utf8");

test("the workflow fails at a planted regression of 15 %, and says so", () => {
  using directory = temporaryDirectory();
  const env = workspace(directory.path);
  const { jobs } = parse(read(join(examples, "workflow.yml"))) as { jobs: { ab: { steps: Step[] } } };
  const values = { "vars.MESH_LOAD_FLAGS": slower };
  const { code, log } = runSteps(jobs.ab.steps, { directory: directory.path, env, values });
  expect([code, log]).toEqual([1, expect.stringContaining("::error title=exact_balance")]);
  expect(jobs.ab.steps.filter(({ run }) => run !== undefined)).toHaveLength(4);

  const summary = read(join(directory.path, "summary.md"));
  expect(summary).toMatch(/^### mesh-load: /);
  const [, percent] = /❌ exact\\?_balance:p50.*changed by \+([\d.]+) %/.exec(summary) ?? [];
  // 345 of 300 ms, beside what Envoy and the machine add to both.
  expect(Number(percent)).toBeGreaterThan(8);
  expect(Number(percent)).toBeLessThan(25);
  const junit = read(join(directory.path, "mesh-load-results/junit.xml"));
  expect(junit).toContain("<failure");
});

test("the action passes where nothing changed", () => {
  using directory = temporaryDirectory();
  const env = workspace(directory.path);
  const { runs, inputs } = parse(read(join(examples, "action.yml"))) as {
    runs: { steps: Step[] };
    inputs: Record<string, object>;
  };
  const values = { "inputs.base": envoy, "inputs.head": envoy, "inputs.flags": load, "inputs.gates": "" };
  expect(Object.keys(inputs).map((name) => `inputs.${name}`)).toEqual(Object.keys(values));
  const { code, log } = runSteps(runs.steps, { directory: directory.path, env, values });
  expect([code, log]).toEqual([0, expect.not.stringContaining("::error")]);
  expect(read(join(directory.path, "summary.md"))).not.toContain("❌");
  expect(read(join(directory.path, "mesh-load-results/junit.xml"))).not.toContain("<failure");
});

test("an Envoy that is none ends the script with mesh-load's code, and publishes nothing", () => {
  using directory = temporaryDirectory();
  const env = workspace(directory.path);
  const { code, log } = runSteps([{ run: "mesh-load/examples/ci/ab.sh ./none ./none" }], {
    directory: directory.path,
    env,
    values: {},
  });
  expect([code, log]).toEqual([3, expect.stringContaining("none")]);
  expect(existsSync(join(directory.path, "summary.md"))).toBe(false);
});

/** A `mesh-load` that ends `run` with one code, after it has written a result, and `compare` with another. */
function stub(directory: string, [run, compare]: readonly [number, number]): Record<string, string> {
  mkdirSync(join(directory, "bin"));
  const program = `#!/bin/sh\n[ "$1" = run ] && { echo {} > results/ab.json; exit ${run}; }\nexit ${compare}\n`;
  writeFileSync(join(directory, "bin/mesh-load"), program, { mode: 0o755 });
  return { PATH: [join(directory, "bin"), process.env["PATH"]].join(delimiter), OUT: "results" };
}

test.for([
  { run: 143, compare: 3, code: 143, why: "interrupted before there was anything to compare" },
  { run: 4, compare: 2, code: 4, why: "a rate that was missed" },
  { run: 1, compare: 1, code: 1, why: "a gate that failed" },
  { run: 0, compare: 0, code: 0, why: "gates that all passed" },
  { run: 0, compare: 3, code: 3, why: "a result that cannot be published" },
])("ab.sh ends with $code of $why", ({ run, compare, code }) => {
  using directory = temporaryDirectory();
  const env = stub(directory.path, [run, compare]);
  const steps = [{ run: `'${join(examples, "ab.sh")}' base head` }];
  expect(runSteps(steps, { directory: directory.path, env, values: {} })).toMatchObject({ code });
});
