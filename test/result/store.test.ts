import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createResultFile,
  growingFile,
  resultFileName,
  resultId,
  writeResultSet,
} from "../../src/result/store.ts";
import { readResultSet } from "../../src/result/read-result-set.ts";
import { resultText } from "../../src/result/text.ts";
import { exampleSet, urlSet } from "./example-set.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "mesh-load-store-"));
});
afterAll(() => rm(dir, { recursive: true }));

const set = urlSet();

describe("the id", () => {
  const at = new Date(2025, 0, 2, 3, 4, 5);

  test.each([
    ["", "2025-01-02-030405"],
    ["vm 1", "2025-01-02-030405_vm_1"],
    ["a/b  c--d é_x", "2025-01-02-030405_a_b_c_d_x"],
    ["../../etc/passwd", "2025-01-02-030405_etc_passwd"],
    ["///", "2025-01-02-030405"],
  ])("with labels %j is %s", (labels, id) => {
    expect(resultId(at, { labels, runId: 0 })).toBe(id);
  });

  test("has Fortio's place for the run id", () => {
    expect(resultId(at, { labels: "a b", runId: 42 })).toBe("2025-01-02-030405_42_a_b");
    expect(resultId(at, { labels: "", runId: 42 })).toBe("2025-01-02-030405_42");
  });

  test("is 96 bytes at most", () => {
    expect(resultId(at, { labels: "x".repeat(200), runId: 0 })).toBe(`2025-01-02-030405_${"x".repeat(78)}`);
    expect(resultId(at, { labels: `${"x".repeat(77)} y`, runId: 0 })).toHaveLength(95);
  });
});

describe("writing", () => {
  test("what was written is read back the same", async () => {
    const path = join(dir, "deep", "er", "set.json");
    const example = exampleSet();
    await writeResultSet(path, example);
    expect(await readResultSet(path)).toEqual(example);
  });

  test("two sets of one second get a file each, also when they are written at the same time", async () => {
    const place = join(dir, "twins");
    const paths = await Promise.all(
      [1, 2, 3].map((seed) => createResultFile({ dir: place, gzip: false }, { ...set, seed })),
    );
    expect(new Set(paths)).toEqual(
      new Set(["", "_2", "_3"].map((suffix) => join(place, `${set.id}${suffix}.json`))),
    );
    const seeds = await Promise.all(paths.map(async (path) => (await readResultSet(path)).seed));
    expect(seeds).toEqual([1, 2, 3]);
    expect(resultFileName({ dir: place, gzip: true }, set)).toBe(join(place, `${set.id}_4.json.gz`));
  });

  test("a rewrite replaces the whole file and leaves nothing beside it", async () => {
    const place = join(dir, "again");
    const path = await createResultFile({ dir: place, gzip: false }, exampleSet());
    await writeResultSet(path, set);
    expect(await readResultSet(path)).toEqual(set);
    expect(await readdir(place)).toHaveLength(1);
  });

  test("a place that is no directory is an error with its path and the reason", async () => {
    await writeFile(join(dir, "file"), "");
    await expect(createResultFile({ dir: join(dir, "file"), gzip: false }, set)).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringMatching(
        /^Cannot write .*file.*: (not a directory|file already exists)$/,
      ) as string,
    });
  });
});

async function reading(text: string): Promise<unknown> {
  const path = join(dir, "bad.json");
  await writeFile(path, text);
  return readResultSet(path).then(
    () => "was read",
    (error: { code: string; message: string; hint: string }) => [
      error.code,
      error.message.split("bad.json: ")[1],
    ],
  );
}

/** Every save takes `saveUs`, on a clock of its own. */
function growing(place: string, saveUs: number) {
  let us = 0;
  let saves = 0;
  const file = growingFile({ dir: join(dir, place), gzip: true }, () => us);
  const offerAt = async (atUs: number): Promise<number> => {
    us = atUs;
    await file.offer(() => {
      us += saveUs;
      saves++;
      return { ...set, seed: saves };
    });
    return saves;
  };
  return { file, offerAt };
}

describe("a growing set", () => {
  test("is saved after every run, into one file, as long as that takes less than a second", async () => {
    const { file, offerAt } = growing("small", 0.9e6);
    expect(file.path()).toBeNull();
    expect([await offerAt(0), await offerAt(1e6), await offerAt(2e6)]).toEqual([1, 2, 3]);
    expect(await readdir(join(dir, "small"))).toEqual([`${set.id}.json.gz`]);
    expect((await readResultSet(file.path()!)).seed).toBe(3);
  });

  test("is saved for a tenth of the time at most once saving takes long, and whenever it must be", async () => {
    const { file, offerAt } = growing("large", 2e6);
    // 0–2 s are spent saving, so that the next may begin at 20 s.
    expect([await offerAt(0), await offerAt(5e6), await offerAt(19.9e6), await offerAt(20e6)]).toEqual([
      1, 1, 1, 2,
    ]);
    await file.save({ ...set, seed: 99 });
    expect((await readResultSet(file.path()!)).seed).toBe(99);
    expect(await readdir(join(dir, "large"))).toHaveLength(1);
  });
});

describe("a file that cannot be read says what is wrong and where", () => {
  const text = JSON.stringify(set);

  test("missing", async () => {
    await expect(readResultSet(join(dir, "none.json"))).rejects.toMatchObject({
      code: "RESULT_UNREADABLE",
      message: `Cannot read ${join(dir, "none.json")}: no such file or directory`,
    });
  });

  test("a directory", async () => {
    await mkdir(join(dir, "folder"));
    await expect(readResultSet(join(dir, "folder"))).rejects.toMatchObject({
      message: expect.stringContaining("illegal operation on a directory") as string,
    });
  });

  test.each([
    ["empty", " \n", "the file is empty"],
    ["cut short", text.slice(0, 5000), "the file is cut short: line 1, column 5001 (5000 characters in all)"],
    ["damaged", '{\n  "a": 1,\n  "b": x\n}', "damaged JSON: line 3, column 8 (22 characters in all)"],
    ["of another program", '{"Tests":7,"Version":"1.66.5"}', "it is not a result of mesh-load or Fortio"],
    ["a list", "[]", "it is not a result of mesh-load or Fortio"],
    ["null", "null", "it is not a result of mesh-load or Fortio"],
  ])("%s", async (_, content, reason) => {
    expect(await reading(content)).toEqual(["RESULT_UNREADABLE", reason]);
  });

  test("newer", async () => {
    const [, reason] = (await reading(JSON.stringify({ ...set, schemaVersion: 2 }))) as string[];
    expect(reason).toBe("its schemaVersion 2 is newer than 1, the newest this mesh-load reads");
  });

  test("changed by hand", async () => {
    const lacking = { ...set, runs: [{ ...set.runs[0]!, skipped: -1 }] };
    expect(await reading(JSON.stringify(lacking))).toEqual([
      "RESULT_UNREADABLE",
      "/runs/0/skipped must be >= 0",
    ]);
    expect(await reading(JSON.stringify({ ...set, note: "x" }))).toEqual([
      "RESULT_UNREADABLE",
      "/note is unknown",
    ]);
  });
});

test("the text in parts is the JSON of the whole, and says the same when it is asked again", () => {
  const example = exampleSet();
  for (const some of [example, set, { ...example, runs: [], attribution: null }]) {
    expect(JSON.parse(resultText(some))).toEqual(some);
    expect(resultText(some)).toBe(resultText(structuredClone(some)));
  }
});

test("the text is JSON of a line each for workers' figures and connections, and ends with a line feed", async () => {
  const path = join(dir, "lines.json");
  await writeResultSet(path, set);
  const text = await readFile(path, "utf8");
  expect(text.endsWith("}\n")).toBe(true);
  expect(text.split("\n").filter((line) => line.includes('"localPort"'))).toHaveLength(4);
  expect(
    text.split("\n").filter((line) => line.includes('"second"') && line.includes('"p50Us"')),
  ).toHaveLength(5);
});
