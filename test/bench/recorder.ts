/** The neutral recorder: a small Go server that stamps every arrival (`arrivals/main.go`). */

import { execFile, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { guardGroup, killGroup } from "../../src/lab/exit-guard.ts";

const buildLimitMs = 120_000;

export interface RecorderPlan {
  readonly delayMs: number;
  /** From the first request on; `forMs` 0 = no stall. */
  readonly stall: { readonly fromMs: number; readonly forMs: number };
}

/** A row for each answered request, in the order of the answers. */
export interface Arrivals {
  readonly arrivalNs: readonly number[];
  /** From the arrival to the begin of the answer. */
  readonly heldNs: readonly number[];
  readonly connections: number;
  /** How many arrivals the kernel stamped; the others were stamped when read. */
  readonly kernelStamps: number;
}

export interface Recorder extends Disposable {
  readonly url: string;
  /** Ends it and tells what it noted. */
  readonly stop: () => Promise<Arrivals>;
}

/** Builds the recorder into the cache; rejects where there is no Go. */
export async function buildRecorder(cacheDir: string): Promise<string> {
  const binary = join(cacheDir, "bin", "arrivals");
  await mkdir(join(cacheDir, "bin"), { recursive: true });
  const cwd = fileURLToPath(new URL("./arrivals", import.meta.url));
  await promisify(execFile)("go", ["build", "-o", binary, "."], { cwd, timeout: buildLimitMs });
  return binary;
}

export async function startRecorder(binary: string, { delayMs, stall }: RecorderPlan): Promise<Recorder> {
  const child = spawn(
    binary,
    ["-delay", `${delayMs}ms`, "-stall-from", `${stall.fromMs}ms`, "-stall-for", `${stall.forMs}ms`],
    { stdio: ["pipe", "pipe", "inherit"], detached: true },
  );
  const guard = guardGroup(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const next = await lines.next();
    if (next.done === true) throw new Error("the recorder ended");
    return next.value;
  };
  const { port } = JSON.parse(await line()) as { port: number };
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: async () => {
      child.stdin.end();
      return JSON.parse(await line()) as Arrivals;
    },
    [Symbol.dispose]: () => {
      killGroup(child, "SIGKILL");
      guard[Symbol.dispose]();
    },
  };
}
