/** A server that is no Envoy, as a process of its own. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { vi } from "vitest";

export interface Server extends AsyncDisposable {
  /** The master's. */
  readonly pid: number;
}

/** Starts a server and waits until it `isUp`; says what it wrote to stderr where it never is. */
export async function startServerProcess(
  command: readonly string[],
  isUp: () => Promise<boolean>,
): Promise<Server> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (log += text));
  const exited = once(child, "exit");
  const checkUp = async (): Promise<void> => {
    if (!(await isUp())) throw new Error(`${program} is not up: ${log}`);
  };
  await vi.waitFor(checkUp, { timeout: 10_000 });
  return {
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}
