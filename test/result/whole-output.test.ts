import { lstat, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkDirectory, checkWritable, writeOutput } from "../../src/result/whole-output.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "mesh-load-output-"));
});
afterEach(() => rm(dir, { recursive: true }));

test("a file is replaced whole, and missing directories are made", async () => {
  const path = join(dir, "a", "b", "out.csv");
  await writeOutput(path, "first and long\n");
  await writeOutput(path, "second\n");
  expect(await readFile(path, "utf8")).toBe("second\n");
  expect(await readdir(join(dir, "a", "b"))).toEqual(["out.csv"]);
});

test("behind a link, the file that it names is written", async () => {
  await writeFile(join(dir, "real"), "old");
  await symlink(join(dir, "real"), join(dir, "link"));
  await writeOutput(join(dir, "link"), "new");
  expect(await readFile(join(dir, "real"), "utf8")).toBe("new");
  expect((await lstat(join(dir, "link"))).isSymbolicLink()).toBe(true);
});

test("a full device is an error that says so, and the device stays one", async () => {
  await expect(writeOutput("/dev/full", "text")).rejects.toMatchObject({
    code: "OUTPUT_UNWRITABLE",
    message: "Cannot write /dev/full: no space left on device",
    hint: "Free some space, or write to another place.",
  });
  expect((await stat("/dev/full")).isCharacterDevice()).toBe(true);
});

test("a directory in the file's place is an error", async () => {
  await expect(writeOutput(dir, "text")).rejects.toMatchObject({
    code: "OUTPUT_UNWRITABLE",
    message: `Cannot write ${dir}: it is a directory`,
  });
});

test("a check leaves nothing behind, not even in a file that is there", async () => {
  await writeFile(join(dir, "kept"), "kept");
  await checkWritable(join(dir, "kept"));
  await checkWritable(join(dir, "new", "out.json"));
  expect(await readFile(join(dir, "kept"), "utf8")).toBe("kept");
  expect(await readdir(join(dir, "new"))).toEqual([]);
});

test("a directory that cannot be made is an error, not a wait", async () => {
  await expect(writeOutput("/proc/none/out.json", "text")).rejects.toMatchObject({
    code: "OUTPUT_UNWRITABLE",
    message: "Cannot write /proc/none/out.json: no such file or directory",
  });
});

test("a check fails where writing would", async () => {
  await writeFile(join(dir, "file"), "");
  await expect(checkWritable(join(dir, "file", "out.json"))).rejects.toMatchObject({
    code: "OUTPUT_UNWRITABLE",
  });
  await expect(checkWritable("/proc/out.json")).rejects.toMatchObject({
    code: "OUTPUT_UNWRITABLE",
    message: expect.stringContaining("Cannot write /proc/out.json: ") as string,
  });
});

test("a directory for files without names yet is made, left empty, and named where it cannot be", async () => {
  await checkDirectory(join(dir, "results", "of"));
  expect(await readdir(join(dir, "results", "of"))).toEqual([]);
  await expect(checkDirectory("/proc/results")).rejects.toMatchObject({
    code: "OUTPUT_UNWRITABLE",
    message: "Cannot write /proc/results: no such file or directory",
  });
  await writeFile(join(dir, "taken"), "");
  await expect(checkDirectory(join(dir, "taken"))).rejects.toMatchObject({
    message: `Cannot write ${join(dir, "taken")}: not a directory`,
  });
});
