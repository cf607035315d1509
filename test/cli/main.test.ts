import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { start, temporaryDirectory } from "./mesh-load.ts";
import type { Transcript } from "./mesh-load.ts";

/** Starting takes a fraction of a second, on a machine that has it to spare. */
const limit = 60_000;

async function meshLoad(...args: string[]): Promise<Transcript> {
  using directory = temporaryDirectory();
  using started = start(args, { cwd: directory.path });
  return await started.ended;
}

test("a usage error is two lines on stderr and exit code 2", { timeout: limit }, async () => {
  expect(await meshLoad("run", "-qsp", "3000")).toEqual({
    code: 2,
    stdout: "",
    stderr: "mesh-load: unknown flag -qsp\nDid you mean -qps?\n",
  });
});

test("an impossible plan names the flags", { timeout: limit }, async () => {
  expect(await meshLoad("run", "-n", "100", "-t", "5s")).toEqual({
    code: 2,
    stdout: "",
    stderr:
      "mesh-load: -n 100 and -t 5s contradict each other: a load ends by count or by time\nKeep one of the two.\n",
  });
});

test("the help and the version go to stdout", { timeout: limit }, async () => {
  const [help, version, nothing] = await Promise.all([
    meshLoad("run", "-help"),
    meshLoad("-version"),
    meshLoad(),
  ]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toContain("mesh-load run [URL | BOOTSTRAP | MODE=URL ...] [flags]");
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(version).toEqual({ code: 0, stdout: `mesh-load ${manifest.version}\n`, stderr: "" });
  expect(nothing.code).toBe(2);
});

test("a port that refuses is exit code 3, and says whom it asked", { timeout: limit }, async () => {
  const { code, stderr } = await meshLoad("run", "http://127.0.0.1:1", "-quiet");
  expect(code).toBe(3);
  expect(stderr).toContain(
    "mesh-load: no connection to http://127.0.0.1:1/ could be opened: connect ECONNREFUSED",
  );
});

test("a bad output path is found before the load", { timeout: limit }, async () => {
  const { code, stderr } = await meshLoad(
    "run",
    "http://127.0.0.1:1",
    "-t",
    "10m",
    "-json",
    "/dev/null/x.json",
    "-quiet",
  );
  expect(code).toBe(3);
  expect(stderr).toContain("mesh-load: Cannot write /dev/null/x.json: ");
});
