/** `mesh-load compare`: what changed between two results, and whether that is a reason to stop. */

import type { ComparisonFormat } from "../output/outputs.ts";
import type { Mode } from "../plan/mode.ts";
import type { ComparisonInput } from "../compare/sides.ts";
import type { ResultSet } from "../result/result.ts";
import { writeOutput } from "../result/whole-output.ts";
import type { Command, CommandInput } from "./command.ts";
import { compareFlags } from "./report-flags.ts";
import { gateExitCode, gatesOf } from "./gates.ts";
import { refuseOverwriting } from "./own-inputs.ts";
import { booleanOf, invalid, numberOf, textOf, textsOf } from "./values.ts";
import type { FlagValues } from "./values.ts";

export const compareCommand: Command = {
  name: "compare",
  summary: "Tell what changed between two results, how sure that is, and whether it passes the gates",
  positionals: "BASELINE CANDIDATE | SET",
  arity: [1, Infinity],
  completes: "file",
  flags: compareFlags,
  examples: [
    ["mesh-load compare main.json head.json", "p99 at most 10 % worse, no more failures"],
    ["mesh-load compare base/ head/ -gate 'exact_balance:p99<=+5%'", "All sets of two directories"],
    ["mesh-load compare results/ head.json -baseline-label main", "The newest set labelled main"],
    ["mesh-load compare set.json -by mode", "The modes of one set"],
    ["mesh-load compare main.json head.json -format html -o changes.html", "A page with every interval"],
    ["mesh-load compare ab.json", "The two sides that run -ab made"],
    ["mesh-load compare -plan main.json -effect +5%", "How often to repeat it"],
  ],
  execute,
};

async function execute({ positionals, values, terminal }: CommandInput): Promise<number> {
  const gates = await gatesOf(values);
  const alpha = alphaOf(values);
  const file = textOf(values, "o");
  await refuseOverwriting(
    [...positionals, ...textsOf(values, "baseline"), ...textsOf(values, "gates")],
    file,
  );
  if (booleanOf(values, "plan") ?? false)
    return (await import("./plan-repetitions.ts")).printRepetitionPlan(
      { positionals, values, terminal },
      { gates, alpha },
    );
  if (textOf(values, "effect") !== undefined) throw invalid("-effect is for -plan", "Add -plan.");
  checkArguments(positionals, values);
  const [{ compare }, { comparisonOutputs }] = await Promise.all([
    import("../compare/compare.ts"),
    import("../output/outputs.ts"),
  ]);
  const comparison = compare(await inputOf(positionals, values), {
    ...(gates === undefined ? {} : { gates }),
    alpha,
    force: booleanOf(values, "force") ?? false,
  });
  const render = comparisonOutputs[(textOf(values, "format") ?? "table") as ComparisonFormat];
  if (file === undefined || file === "-") await terminal.print(await render(comparison, terminal));
  else await writeOutput(file, await render(comparison, { columns: 80, color: false }));
  return gateExitCode(comparison.outcome, values);
}

function alphaOf(values: FlagValues): number {
  const alpha = numberOf(values, "alpha") ?? 0.05;
  if (alpha > 0 && alpha <= 0.25) return alpha;
  throw invalid(`-alpha ${alpha} is no level of a test`, "Use 0.001 to 0.25, such as 0.05.");
}

function checkArguments(positionals: readonly string[], values: FlagValues): void {
  const byMode = textOf(values, "by") === "mode";
  const baselines = textsOf(values, "baseline");
  const label = textOf(values, "baseline-label");
  if (textOf(values, "baseline-mode") !== undefined && !byMode)
    throw invalid("-baseline-mode is for -by mode", "Add -by mode.");
  if (byMode && baselines.length > 0)
    throw invalid(
      "-by mode compares the modes of a set, and -baseline gives another",
      "Keep one of the two.",
    );
  if (baselines.length > 0 && label !== undefined)
    throw invalid("-baseline and -baseline-label both say what the baseline is", "Keep one of the two.");
  if (positionals.length > 2 && !byMode && baselines.length === 0)
    throw invalid(
      `compare takes two results, and there are ${positionals.length}`,
      "Put those of a side into a directory, or name the baselines with -baseline.",
    );
  if (positionals.length === 1 && textOf(values, "candidate-label") !== undefined && label === undefined)
    throw invalid("-candidate-label lacks its baseline", "Add -baseline-label.");
  if (positionals.length === 1 && label !== undefined && textOf(values, "candidate-label") === undefined)
    throw invalid(
      "-baseline-label chooses the baseline, and there is no candidate",
      "Give one after the directory, or -candidate-label.",
    );
}

async function inputOf(positionals: readonly string[], values: FlagValues): Promise<ComparisonInput> {
  const { readSets } = await import("./result-sets.ts");
  const all = async (paths: readonly string[], label?: string): Promise<ResultSet[]> =>
    (await Promise.all(paths.map((path) => readSets(path, label)))).flat();
  if (textOf(values, "by") === "mode") {
    const mode = textOf(values, "baseline-mode") as Mode | undefined;
    return { modes: await all(positionals), ...(mode === undefined ? {} : { baselineMode: mode }) };
  }
  const baselines = textsOf(values, "baseline");
  const [baselineLabel, candidateLabel] = ["baseline-label", "candidate-label"].map((name) =>
    textOf(values, name),
  );
  if (baselines.length > 0)
    return { baseline: await all(baselines), candidate: await all(positionals, candidateLabel) };
  const [first, second] = positionals as [string, string | undefined];
  if (second === undefined && baselineLabel === undefined) return { sides: await all([first]) };
  return {
    baseline: await all([first], baselineLabel),
    candidate: await all([second ?? first], candidateLabel),
  };
}
