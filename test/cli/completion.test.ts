/** The script for bash, in the real bash. Zsh's and fish's are tested among the consumers. */

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { profileNames } from "../../src/cli/profile-file.ts";
import { outputs } from "../../src/output/outputs.ts";
import { modes } from "../../src/plan/mode.ts";
import { thrown } from "../thrown.ts";
import { execute } from "./execute.ts";
import { temporaryDirectory } from "./mesh-load.ts";

let script = "";
const directory = temporaryDirectory();
beforeAll(async () => {
  script = (await execute("completion", "bash")).stdout;
  writeFileSync(join(directory.path, "a set.json"), "");
  writeFileSync(join(directory.path, "b.json"), "");
  mkdirSync(join(directory.path, "sets"));
});
afterAll(() => directory[Symbol.dispose]());

/** What bash offers for the last of the words. `=` breaks words there, unless told otherwise. */
function complete(...words: string[]): string[] {
  const program = `${script}
    complete -p mesh-load >/dev/null || exit 1
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _mesh_load
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync(
    "bash",
    ["--norc", "-c", program, "bash", "mesh-load", ...words],
    { cwd: directory.path, encoding: "utf8" },
  );
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.split("\n").filter((line) => line !== "");
}

test("commands", () => {
  expect(complete("")).toEqual([...commands.map(({ name }) => name), "help", "version"]);
  expect(complete("comp")).toEqual(["compare", "completion"]);
  expect(complete("nothing")).toEqual([]);
});

test.each(commands.map((command) => [command.name, command] as const))(
  "every flag of %s",
  (name, { flags }) => {
    const names = flags.map((flag) => flag.name);
    expect(complete(name, "-").filter((word) => word.startsWith("-"))).toEqual(
      names.map((flag) => `-${flag}`),
    );
    expect(complete(name, "--").filter((word) => word.startsWith("-"))).toEqual(
      names.map((flag) => `--${flag}`),
    );
  },
);

test.each<[words: string[], offered: readonly string[]]>([
  [["run", "-upstream-d"], ["-upstream-delay"]],
  [["run", "--upstream-d"], ["--upstream-delay"]],
  [["run", "-c", "4", "-no-"], ["-no-save"]],
  [["run", "-map", "e"], ["epoll"]],
  [["run", "--map", "e"], ["epoll"]],
  [["run", "-map", "=", "h"], ["header"]],
  [
    ["run", "-map", "="],
    ["auto", "epoll", "header", "unwind", "serial", "none"],
  ],
  [["run", "-map=h"], ["-map=header"]],
  [["run", "-keepalive", "=", "f"], ["false"]],
  [["run", "-keepalive=f"], ["-keepalive=false"]],
  [["run", "-qps", ""], []],
  [["run", "-modes", "def"], ["default"]],
  [["run", "-modes", "default,re"], ["default,reuse_port"]],
  [["run", "-modes", "default,reuse_port,"], modes.map((mode) => `default,reuse_port,${mode}`)],
  [
    ["run", "-profile", "short"],
    ["short-lived", "short-lived-paced"],
  ],
  [
    ["run", "-json", ""],
    ["a set.json", "b.json", "sets"],
  ],
  [["run", "-data-dir", ""], ["sets"]],
  [["report", "a"], ["a set.json"]],
  [["report", "b.json", "-format", "open"], ["openmetrics"]],
  [["report", "-format", ""], Object.keys(outputs)],
  [
    ["compare", "b.json", ""],
    ["a set.json", "b.json", "sets"],
  ],
  [["help", "ex"], ["exit-codes"]],
  [
    ["completion", ""],
    ["bash", "zsh", "fish"],
  ],
])("%j", (words, offered) => {
  expect(complete(...words).toSorted()).toEqual([...offered].toSorted());
});

test("the profiles that there are", () => {
  expect(complete("lab", "-profile", "").filter((word) => !/json$|^sets$/.test(word))).toEqual(
    profileNames(),
  );
});

test("another shell", async () => {
  expect(await thrown(() => execute("completion", "zhs"))).toBe(
    'FLAG_INVALID (2): no completion for "zhs" | Did you mean "zsh"?',
  );
});
