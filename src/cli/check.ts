/** `mesh-load check`: whether a result keeps to absolute gates. */

import type { CheckFormat } from "../output/outputs.ts";
import { writeOutput } from "../result/whole-output.ts";
import type { Command, CommandInput } from "./command.ts";
import { checkFlags } from "./report-flags.ts";
import { gateExitCode, gatesOf } from "./gates.ts";
import { refuseOverwriting } from "./own-inputs.ts";
import { invalid, textOf, textsOf } from "./values.ts";

export const checkCommand: Command = {
  name: "check",
  summary: "Tell whether a result keeps to gates that need no baseline",
  positionals: "RESULT...",
  arity: [1, Infinity],
  completes: "file",
  flags: checkFlags,
  examples: [
    ["mesh-load check result.json -gate 'p99.9<=20ms' -gate failures==0", "In every mode"],
    ["mesh-load check result.json -gate 'exact_balance:skewShare<=0.3'", "In one"],
  ],
  execute,
};

async function execute({ positionals, values, terminal }: CommandInput): Promise<number> {
  const gates = await gatesOf(values);
  if (gates === undefined) throw invalid("check needs a gate", "Add -gate 'p99<=20ms' or -gate failures==0.");
  const { check } = await import("../compare/check.ts");
  const { readSets } = await import("./result-sets.ts");
  const file = textOf(values, "o");
  await refuseOverwriting([...positionals, ...textsOf(values, "gates")], file);
  const sets = (await Promise.all(positionals.map((path) => readSets(path)))).flat();
  const result = check(sets, gates);
  const { checkOutputs } = await import("../output/outputs.ts");
  const render = checkOutputs[(textOf(values, "format") ?? "table") as CheckFormat];
  if (file === undefined || file === "-") await terminal.print(render(result, terminal));
  else await writeOutput(file, render(result, { columns: 80, color: false }));
  return gateExitCode(result.outcome, values);
}
