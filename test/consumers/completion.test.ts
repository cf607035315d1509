/** The completion scripts in the real shells, as a person types: a line, Tab, Enter. */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { execute } from "../cli/execute.ts";
import { temporaryDirectory } from "../cli/mesh-load.ts";
import { needDebian } from "./debian.ts";

beforeAll(() => needDebian({ zsh: "zsh", fish: "fish" }));

const typeKeys = resolve(import.meta.dirname, "type_keys.py");

/** What is typed, and the arguments that the command gets after Tab. */
const typed: readonly (readonly [line: string, ...words: string[]])[] = [
  ["mesh-load insp", "inspect"],
  ["mesh-load run -upstream-del", "run", "-upstream-delay"],
  ["mesh-load run --worker-h", "run", "--worker-header"],
  ["mesh-load run -c 4 -no-", "run", "-c", "4", "-no-save"],
  ["mesh-load run -cac", "run", "-cacert"],
  ["mesh-load run -p 50 -tim", "run", "-p", "50", "-timeout"],
  ["mesh-load run -map e", "run", "-map", "epoll"],
  ["mesh-load run -map=e", "run", "-map=epoll"],
  ["mesh-load run -modes default,ex", "run", "-modes", "default,exact_balance"],
  ["mesh-load run -profile short-lived-", "run", "-profile", "short-lived-paced"],
  ["mesh-load run -json set", "run", "-json", "set of mine.json"],
  ["mesh-load report set", "report", "set of mine.json"],
  ["mesh-load report a -format op", "report", "a", "-format", "openmetrics"],
  ["mesh-load help wa", "help", "warnings"],
  ["mesh-load completion z", "completion", "zsh"],
];

test.each(["bash", "zsh", "fish"])("%s completes as one types", async (shell) => {
  using directory = temporaryDirectory();
  const script = join(directory.path, "script");
  writeFileSync(script, (await execute("completion", shell)).stdout);
  writeFileSync(join(directory.path, "set of mine.json"), "");
  const { stdout, stderr } = spawnSync("python3", [typeKeys, shell, script, ...typed.map(([line]) => line)], {
    cwd: directory.path,
    env: { ...process.env, HOME: directory.path },
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  // After a flag with a value zsh offers an equals sign, after an item of a list a comma.
  const given = stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as string[]).map((word) => word.replace(/[=,]$/, "")));
  expect(given).toEqual(typed.map(([, ...words]) => words));
});
