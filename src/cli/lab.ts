/** `mesh-load lab`: the lab alone, kept up for other tools. */

import { MeshLoadError } from "../errors.ts";
import type { Lab } from "../lab/lab.ts";
import { createPlan } from "../plan/create-plan.ts";
import { modeTitle } from "../plan/mode.ts";
import type { Command, CommandInput } from "./command.ts";
import { labCommandFlags } from "./flags.ts";
import { labIntent } from "./intent.ts";
import { labPlaces } from "./places.ts";
import { booleanOf, invalid, numberOf, textOf } from "./values.ts";

export const labCommand: Command = {
  name: "lab",
  summary: "Start Envoy with a listener for each mode, print the addresses, and keep it up",
  positionals: "",
  arity: [0, 0],
  flags: labCommandFlags,
  examples: [
    ["mesh-load lab", "Three listeners, two workers, until Ctrl-C"],
    ["mesh-load lab -workers 4 -work 250", "Four workers, 250 µs of CPU a request"],
  ],
  execute,
};

async function execute({ values, terminal, interruptible }: CommandInput): Promise<number> {
  const qps = numberOf(values, "qps");
  const { readProfile } = await import("./profile-file.ts");
  const { lab: plan, load } = createPlan({
    profile: readProfile(textOf(values, "profile") ?? "default"),
    flags: { ...labIntent(values), ...(qps === undefined ? {} : { load: { qps } }) },
    freshSeed: 0,
  });
  if (plan === null)
    throw invalid(
      `-profile ${textOf(values, "profile")} drives URLs and has no lab`,
      "Use a profile without targets.",
    );
  if (plan.sides !== null)
    throw invalid(
      `-profile ${textOf(values, "profile")} has a lab on each of two sides`,
      "mesh-load run starts both; give the flags of the one that you want.",
    );
  const quiet = booleanOf(values, "quiet") ?? false;
  const signal = interruptible();
  const { startLab } = await import("../lab/lab.ts");
  const onNote = quiet ? () => {} : terminal.note;
  await using lab = await startLab(plan, { qps: load.qps, places: labPlaces(), onNote, signal });
  await terminal.print(describe(lab, plan.workers));
  if (!quiet) terminal.note("Ctrl-C ends it.");
  await untilEnd(lab, signal);
  return 0;
}

function describe({ admin, pid, behind, version, targets, work, cacert }: Lab, workers: number): string {
  const rows = [
    ["envoy", `${version}, pid ${pid}, ${workers} ${workers === 1 ? "worker" : "workers"}`],
    ["work", work === null ? "none" : `${Math.round(work.perRequestUs)} µs of CPU a request`],
    ["admin", admin],
    ...behind.map((hop, i) => [`hop ${i + 2}`, `pid ${hop.pid}, admin ${hop.admin}`]),
    ...(cacert === null ? [] : [["authority", cacert]]),
    ...targets.map(({ mode, url }) => [modeTitle[mode], url]),
  ];
  const urls = targets.map(({ mode, url }) => `${mode}=${url}`);
  const table = rows.map(([name = "", value = ""]) => `${name.padEnd(24)}${value}\n`).join("");
  const trust = cacert === null ? "" : ` -cacert ${cacert}`;
  const path = [{ admin, pid }, ...behind].map((hop) => ` -admin ${hop.admin} -pid ${hop.pid}`).join("");
  return `${table}\nmesh-load run ${urls.join(" ")}${trust}${path}\n`;
}

/** Until the signal, or until an Envoy is gone by itself. */
function untilEnd({ pid, behind, logPath }: Lab, signal: AbortSignal): Promise<void> {
  const envoys = [{ pid, logPath }, ...behind];
  return new Promise((resolve, reject) => {
    const watch = setInterval(() => {
      const gone = envoys.find((envoy) => !isAlive(envoy.pid));
      if (gone === undefined) return;
      clearInterval(watch);
      reject(
        new MeshLoadError("ENVOY_FAILED", `Envoy (pid ${gone.pid}) ended by itself`, {
          hint: `Its log: ${gone.logPath}`,
        }),
      );
    }, 500);
    const end = (): void => {
      clearInterval(watch);
      resolve();
    };
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
