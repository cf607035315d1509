/**
 * Child processes must not outlive us: whatever ends this process ends them first, short of SIGKILL and an abort (V8 out of
 * memory): what those leave, the next lab finds (orphans.ts).
 */

import type { ChildProcess } from "node:child_process";

const guarded = new Set<ChildProcess>();
const fatalSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * Kills the child and its process group when this process exits or crashes, until disposed. A signal that nobody
 * else handles ends this process as it would have, only after the children.
 *
 * @param child spawned with `detached: true`, that is, as the leader of a group of its own: a terminal's Ctrl-C goes
 *   to our whole group, and would end an Envoy while its requests are still drained
 */
export function guardGroup(child: ChildProcess): Disposable {
  if (guarded.size === 0) watch();
  guarded.add(child);
  return {
    [Symbol.dispose]() {
      if (guarded.delete(child) && guarded.size === 0) unwatch();
    },
  };
}

/** Signals a child and whatever it started; does nothing where they have ended. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function watch(): void {
  process.on("exit", killAll);
  for (const signal of fatalSignals) process.on(signal, onSignal);
}

function unwatch(): void {
  process.off("exit", killAll);
  for (const signal of fatalSignals) process.off(signal, onSignal);
}

function killAll(): void {
  for (const child of guarded) killGroup(child, "SIGKILL");
}

function onSignal(signal: NodeJS.Signals): void {
  // Another handler means an orderly end, which may still need the children; `exit` comes at its close.
  if (process.listenerCount(signal) > 1) return;
  killAll();
  unwatch();
  process.kill(process.pid, signal);
}
