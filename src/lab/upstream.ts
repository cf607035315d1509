/** A real server behind the lab's Envoy, in a process of its own so that it shares no event loop with the driver. */

import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { extname } from "node:path";
import { MeshLoadError, messageOf } from "../errors.ts";
import type { UpstreamPlan } from "../plan/plan.ts";
import { guardGroup, killGroup } from "./exit-guard.ts";

export interface Upstream extends AsyncDisposable {
  readonly port: number;
  readonly protocol: UpstreamPlan["protocol"];
}

/** What the upstream's process says once, to its parent. */
export interface UpstreamListening {
  readonly port: number;
}

const programme = new URL(`./upstream-process${extname(import.meta.url)}`, import.meta.url);

/**
 * Starts the upstream and resolves once it listens on a loopback port of its own choice.
 *
 * @throws MeshLoadError UPSTREAM_FAILED
 */
export async function startUpstream(plan: UpstreamPlan): Promise<Upstream> {
  const child = fork(programme, { execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"], detached: true });
  const guard = guardGroup(child);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      guard[Symbol.dispose]();
      resolve();
    });
  });
  try {
    const port = await listening(child, plan);
    return {
      port,
      protocol: plan.protocol,
      async [Symbol.asyncDispose]() {
        killGroup(child, "SIGKILL");
        await ended;
      },
    };
  } catch (error) {
    killGroup(child, "SIGKILL");
    guard[Symbol.dispose]();
    throw error;
  }
}

function listening(child: ChildProcess, plan: UpstreamPlan): Promise<number> {
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => void (complaint += text));
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown): void =>
      reject(new MeshLoadError("UPSTREAM_FAILED", `the upstream ${what}`, { cause }));
    child.once("message", (message: UpstreamListening) => resolve(message.port));
    child.once("error", (error) => fail(`cannot be started: ${messageOf(error)}`, error));
    child.once("exit", (exitCode) =>
      fail(`ended at once with exit code ${exitCode}:\n${complaint.trimEnd()}`),
    );
    child.send(plan, (error) => void (error && fail(`cannot be told its plan: ${messageOf(error)}`, error)));
  });
}
