/** One Envoy process: started, watched, ended. */

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { MeshLoadError, messageOf } from "../errors.ts";
import { guardGroup, killGroup } from "./exit-guard.ts";

/** From SIGTERM to SIGKILL. Envoy ends within milliseconds of the first, unless it hangs. */
const termGraceMs = 2000;
const shownLogLines = 20;

export interface EnvoyProcess extends AsyncDisposable {
  readonly pid: number;
  /** Rejects with ENVOY_FAILED and the log's last lines once Envoy ends unasked; never resolves. */
  readonly failed: Promise<never>;
}

export interface StartEnvoyOptions {
  readonly binary: string;
  readonly configPath: string;
  /** Everything Envoy writes goes there. */
  readonly logPath: string;
  readonly workers: number;
  /** Further arguments. */
  readonly more?: readonly string[];
}

/**
 * Starts Envoy, which is not ready yet when this resolves.
 *
 * @throws MeshLoadError ENVOY_FAILED where the file cannot be executed
 */
export async function startEnvoy({
  binary,
  configPath,
  logPath,
  workers,
  more = [],
}: StartEnvoyOptions): Promise<EnvoyProcess> {
  // Hot restart is what would make Envoys of one machine share memory and a base id.
  const own = ["--config-path", configPath, "--concurrency", String(workers), "--disable-hot-restart"];
  await using log = await open(logPath, "w");
  const child = spawn(binary, [...own, ...more], { stdio: ["ignore", log.fd, log.fd], detached: true });
  const guard = guardGroup(child);
  const pid = await spawned(child).catch((error: unknown) => {
    guard[Symbol.dispose]();
    throw new MeshLoadError("ENVOY_FAILED", `cannot start ${binary}: ${messageOf(error)}`, { cause: error });
  });
  let stopping = false;
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (exitCode, signal) => {
      guard[Symbol.dispose]();
      resolve(signal === null ? `exit code ${exitCode}` : `signal ${signal}`);
    });
  });
  const failed = ended.then(async (how) => {
    // eslint-disable-next-line promise/no-return-wrap
    if (stopping) return new Promise<never>(() => {});
    throw await failure(how, { binary, logPath });
  });
  failed.catch(() => {});
  return {
    pid,
    failed,
    async [Symbol.asyncDispose]() {
      stopping = true;
      await stop(child, ended);
    },
  };
}

function spawned(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => resolve(child.pid!));
  });
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  killGroup(child, "SIGTERM");
  const patience = new AbortController();
  const hung = sleep(termGraceMs, "hung", { signal: patience.signal }).catch(() => "over");
  if ((await Promise.race([ended, hung])) === "hung") killGroup(child, "SIGKILL");
  patience.abort();
  await ended;
}

async function failure(
  how: string,
  { binary, logPath }: { binary: string; logPath: string },
): Promise<MeshLoadError> {
  const log = await readFile(logPath, "utf8").catch(() => "");
  const lines = log.trimEnd().split("\n");
  // At its start Envoy tells every extension that it has, a screen of them.
  const grave = lines.filter((line) => !/^\[[^\]]*\]\[\d+\]\[(trace|debug|info)\]/.test(line));
  const last = (grave.length === 0 ? lines : grave).slice(-shownLogLines).join("\n");
  return new MeshLoadError("ENVOY_FAILED", `Envoy (${binary}) ended with ${how}; its last lines:\n${last}`, {
    hint: `The whole log is in ${logPath}.`,
  });
}
