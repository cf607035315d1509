import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const main = resolve(import.meta.dirname, "../../src/cli/main.ts");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stderr has shown the text. */
  readonly seen: (text: string) => Promise<void>;
}

/** Starts the command line as a user would, in an empty folder of its own unless told. */
export async function startMeshLoad(args: readonly string[], cwd?: string): Promise<Started> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: cwd ?? (await emptyFolder()),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => (stdout += String(data)));
  child.stderr.on("data", (data) => (stderr += String(data)));
  const ended = new Promise<Ended>((done) => child.on("close", (code) => done({ code, stdout, stderr })));
  const seen = (text: string): Promise<void> =>
    new Promise((done, fail) => {
      const look = (): void => {
        if (!stderr.includes(text)) return;
        child.stderr.off("data", look);
        done();
      };
      child.stderr.on("data", look);
      void ended.then(() => fail(new Error(`ended without "${text}":\n${stderr}`)));
      look();
    });
  return { child, ended, seen };
}

export async function meshLoad(args: readonly string[], cwd?: string): Promise<Ended> {
  return (await startMeshLoad(args, cwd)).ended;
}

export function emptyFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "mesh-load-test-"));
}
