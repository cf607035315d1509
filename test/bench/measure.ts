/** One command, run to its end, and what it cost. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { guardGroup, killGroup } from "../../src/lab/exit-guard.ts";

export interface Cost {
  /** User and system time of the whole process tree, from the kernel. */
  readonly cpuS: number;
  readonly wallS: number;
  /** Most resident memory of the command's own process. */
  readonly peakBytes: number;
  /** Negative = ended by that signal. */
  readonly exitCode: number;
}

export interface Measured extends Cost {
  readonly stdout: string;
  readonly stderr: string;
}

const wrapper = fileURLToPath(new URL("./measured.py", import.meta.url));

/** Runs `argv` for at most `limitS`; rejects where it cannot be run or takes longer. */
export async function measure(argv: readonly string[], limitS: number): Promise<Measured> {
  const child = spawn("python3", ["-S", "-E", wrapper, ...argv], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    detached: true,
  });
  using _guard = guardGroup(child);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    killGroup(child, "SIGKILL");
  }, limitS * 1e3);
  const texts = ["", "", ""];
  for (const [index, stream] of child.stdio.slice(1, 4).entries())
    stream?.on("data", (data: Buffer) => void (texts[index] += data.toString()));
  await new Promise((resolve, reject) => child.once("close", resolve).once("error", reject));
  clearTimeout(limit);
  const [stdout, stderr, report] = texts as [string, string, string];
  if (late) throw new Error(`took longer than ${limitS} s`);
  if (report === "") throw new Error(`could not be run: ${stderr.trim().split("\n").at(-1)}`);
  return { ...(JSON.parse(report) as Cost), stdout, stderr };
}
