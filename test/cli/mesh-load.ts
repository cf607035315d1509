/** Runs the command line as a user does, in a directory of its own. */

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Transcript {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Disposing kills what still runs. */
export interface Started extends Disposable {
  readonly process: ChildProcess;
  /** Resolves when stderr has said it, or the process has ended. */
  readonly said: (text: string) => Promise<void>;
  readonly ended: Promise<Transcript>;
}

/** Starts `mesh-load ARGS`; stdin and stdout are descriptors where such are given; `preload` are Node's own. */
export function start(
  args: readonly string[],
  {
    cwd,
    stdin = "ignore",
    stdout = "pipe",
    preload = [],
  }: {
    cwd: string;
    stdin?: "ignore" | number;
    stdout?: "pipe" | number;
    preload?: readonly string[];
  },
): Started {
  const child = spawn(process.execPath, [...preload, main, ...args], { cwd, stdio: [stdin, stdout, "pipe"] });
  const text = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr!.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...text }));
  const said = async (words: string): Promise<void> => {
    while (child.exitCode === null && !text.stderr.includes(words))
      await Promise.race([once(child.stderr!, "data"), ended]);
  };
  const kill = (): void => void child.kill("SIGKILL");
  return { process: child, said, ended, [Symbol.dispose]: kill };
}

/** A directory that goes when its test does. */
export function temporaryDirectory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "mesh-load-test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** Runs `mesh-load ARGS` to its end, in a directory that goes with it. */
export async function meshLoad(args: readonly string[]): Promise<Transcript> {
  using directory = temporaryDirectory();
  using started = start(args, { cwd: directory.path });
  return await started.ended;
}
