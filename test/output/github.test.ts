import { expect, test } from "vitest";
import { github } from "../../src/output/github.ts";
import { workflowCommands } from "../../src/output/workflow-commands.ts";
import type { Annotation } from "../../src/output/workflow-commands.ts";
import { exampleSet, urlSet } from "../result/example-set.ts";

const data = (text: string): string =>
  text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
const property = (text: string): string => data(text.replaceAll("%3A", ":").replaceAll("%2C", ","));

/** As GitHub's runner reads a line (actions/runner, ActionCommand.TryParseV2). */
function annotation(line: string): { level: string; title: string; message: string } {
  const [, level, title, message] = /^::(\w+) title=([^,:]*)::(.*)$/.exec(line)!;
  return { level: level!, title: property(title!), message: data(message!) };
}

const annotations = (text: string) => text.trimEnd().split("\n").map(annotation);

test("failures are errors, doubts are warnings with what to do, and the sentence is a notice", () => {
  const failed = annotations(github([urlSet({ fails: true })]));
  expect(failed[0]).toEqual({
    level: "error",
    title: "mesh-load: failed requests",
    message: "127.0.0.1:8080: http-error: 20, timeout: 10",
  });
  expect(failed.filter(({ level }) => level === "error")).toHaveLength(1);

  const fine = annotations(github([exampleSet()]));
  expect(fine.map(({ level }) => level)).toEqual(["warning", "notice", "notice", "notice"]);
  expect(fine[0]).toEqual({
    level: "warning",
    title: "example set: noisy-machine (in 3 of 9 runs)",
    message:
      "CPU pressure reached 31 %\nThe machine gave its CPU to others meanwhile; repeat on a quieter one before you trust small differences.",
  });
  expect(fine[1]!.message).toBe(exampleSet().attribution!.perMode[0]!.sentence);
});

test("text that looks like a command, or like an escape, comes out as it went in", () => {
  const one = { level: "error", title: "a:b,c%3A::", message: "50 %0A\r\n::set-output name=x::y" } as const;
  const text = workflowCommands([one]);
  expect(text.split("\n")).toHaveLength(2);
  expect(annotation(text.trimEnd())).toEqual(one);
});

test("control characters are seen and do not act, and a title is one line", () => {
  const text = workflowCommands([
    { level: "error", title: "\u001B[31mred\r\ntwo", message: "a\n\u001B[2Jb\u009B" },
  ]);
  expect(annotation(text.trimEnd())).toEqual({
    level: "error",
    title: "\uFFFD[31mred two",
    message: "a\n\uFFFD[2Jb\uFFFD",
  });
});

const many = (level: "error" | "warning", count: number): Annotation[] =>
  Array.from({ length: count }, (_, i) => ({ level, title: `t${i}`, message: "m" }));

test("of each level 10 are written, for GitHub drops the others: the last says how many and which", () => {
  const written = annotations(workflowCommands([...many("warning", 12), ...many("error", 10)]));
  expect(written.map(({ level }) => level)).toEqual([
    ...Array.from({ length: 10 }, () => "error"),
    ...Array.from({ length: 10 }, () => "warning"),
  ]);
  expect(written.at(9)).toEqual({ level: "error", title: "t9", message: "m" });
  expect(written.at(-1)).toEqual({ level: "warning", title: "3 more", message: "t9; t10; t11" });
});
