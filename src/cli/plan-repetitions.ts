/** `mesh-load compare -plan`: how often to repeat, before anything is compared. */

import type { Gate } from "../compare/gate.ts";
import { exitCodes } from "../errors.ts";
import { writeOutput } from "../result/whole-output.ts";
import type { CommandInput } from "./command.ts";
import { invalid, textOf } from "./values.ts";
import type { FlagValues } from "./values.ts";

/** Reads the baseline, plans, and prints. */
export async function printRepetitionPlan(
  { positionals, values, terminal }: Pick<CommandInput, "positionals" | "values" | "terminal">,
  { gates, alpha }: { gates: readonly Gate[] | undefined; alpha: number },
): Promise<number> {
  const effect = effectOf(values);
  const { planRepetitions } = await import("../compare/repetition-plan.ts");
  const { renderRepetitionPlan } = await import("../output/repetition-table.ts");
  const { readSets } = await import("./result-sets.ts");
  const label = textOf(values, "baseline-label");
  const sets = (await Promise.all(positionals.map((path) => readSets(path, label)))).flat();
  const plan = planRepetitions(sets, { effect, alpha, ...(gates === undefined ? {} : { gates }) });
  const json = textOf(values, "format") === "json";
  const render = (page: { columns: number; color: boolean }): string =>
    json ? `${JSON.stringify(plan, null, 2)}\n` : renderRepetitionPlan(plan, page);
  const file = textOf(values, "o");
  if (file === undefined || file === "-") await terminal.print(render(terminal));
  else await writeOutput(file, render({ columns: 80, color: false }));
  return exitCodes.done;
}

/** `+10%` → 0.1 */
function effectOf(values: FlagValues): number {
  const text = textOf(values, "effect") ?? "+10%";
  const percent = Number(/^\+?(\d+(?:\.\d+)?)%$/.exec(text)?.[1]);
  if (percent > 0 && percent < 1000) return percent / 100;
  throw invalid(`-effect ${JSON.stringify(text)} is no worsening`, "Write -effect +10%.");
}
