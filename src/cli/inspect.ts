/** `mesh-load inspect`: is my listener config applied? */

import { exitCodes } from "../errors.ts";
import type { ListenerReport } from "../inspect.ts";
import { checkAdminUrl } from "../plan/target-url.ts";
import { modeTitle } from "../plan/mode.ts";
import type { Mode } from "../plan/mode.ts";
import type { Command, CommandInput } from "./command.ts";
import { inspectFlags } from "./report-flags.ts";
import { invalid, textsOf } from "./values.ts";

export const inspectCommand: Command = {
  name: "inspect",
  summary:
    "For each listener of one Envoy or several: the mode configured, the mode in effect, and connections per worker",
  positionals: "ADMIN-URL ...",
  arity: [1, Infinity],
  flags: inspectFlags,
  examples: [
    ["mesh-load inspect http://127.0.0.1:15000", "Is my listener config applied? Exit code 1 says no"],
  ],
  execute,
};

async function execute({ positionals, values, terminal }: CommandInput): Promise<number> {
  const admins = positionals.map((url) => checkAdminUrl(url, url));
  const twice = admins.find((admin, i) => admins.indexOf(admin) !== i);
  if (twice !== undefined) throw invalid(`${twice} is given twice`, "Give each admin once.");
  const pids = textsOf(values, "pid").map(Number);
  for (const pid of pids) if (pid < 1) throw invalid(`-pid ${pid} is no process`, "Give the PID of Envoy.");
  if (pids.length > 0 && pids.length !== admins.length)
    throw invalid(
      `-pid is given for ${pids.length} of ${admins.length} admins`,
      "Give it for each, in the same order, or for none.",
    );
  const { inspect } = await import("../inspect.ts");
  let isApplied = true;
  for (const [i, admin] of admins.entries()) {
    const listeners = await inspect(admin, { pid: pids[i] ?? null });
    const title = admins.length === 1 ? "" : `${i === 0 ? "" : "\n"}${admin}\n\n`;
    await terminal.print(`${title}${renderListeners(listeners)}`);
    isApplied &&= listeners.every(({ applied }) => applied !== "no");
  }
  return isApplied ? exitCodes.done : exitCodes.no;
}

/** A paragraph for each listener, ending with the answer. */
export function renderListeners(listeners: readonly ListenerReport[]): string {
  if (listeners.length === 0) return "This Envoy has no listeners.\n";
  return listeners.map(renderListener).join("\n");
}

function renderListener(listener: ListenerReport): string {
  const { name, address, configured, inEffect, applied, reason } = listener;
  const rows = [
    ["configured", titleOf(configured)],
    ["in effect", `${titleOf(inEffect)}${socketsOf(listener)}`],
    ["connections", connectionsOf(listener)],
    ["applied", `${applied}: ${reason}`],
  ];
  const lines = rows.map(([label = "", value = ""]) => `  ${label.padEnd(13)}${value}\n`);
  return `${name === "" ? "(unnamed)" : name}  ${address}\n${lines.join("")}`;
}

function titleOf(mode: Mode | null): string {
  return mode === null ? "unknown" : modeTitle[mode];
}

function socketsOf({ sockets, descriptors }: ListenerReport): string {
  if (sockets === null || descriptors === null) return "";
  return `, ${plural(sockets, "socket")}, ${plural(descriptors, "descriptor")}`;
}

function connectionsOf({ workers }: ListenerReport): string {
  if (workers.length === 0) return "not shown";
  const total = workers.reduce((sum, { connections }) => sum + connections, 0);
  return `${total} now: ${workers.map(({ id, connections }) => `worker_${id} ${connections}`).join(", ")}`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
