/** `-gate` and `-gates`, and what their outcome is worth to a script. */

import type { GateOutcome } from "../compare/comparison.ts";
import type { Gate } from "../compare/gate.ts";
import { exitCodes } from "../errors.ts";
import { readInput } from "./input-file.ts";
import { booleanOf, invalid, textOf, textsOf } from "./values.ts";
import type { FlagValues } from "./values.ts";

/** The gates that are asked for, or `undefined` where there are none. @throws MeshLoadError GATE_INVALID */
export async function gatesOf(values: FlagValues): Promise<Gate[] | undefined> {
  const texts = textsOf(values, "gate");
  const file = textOf(values, "gates");
  if (texts.length === 0 && file === undefined) return undefined;
  // Loaded late: what knows of metrics knows of histograms.
  const { parseGate, parseGates } = await import("../compare/gate.ts");
  const given = texts.map((text) => parseGate(text));
  if (file === undefined) return given;
  const text = readInput(file, (reason) =>
    invalid(`-gates ${file} cannot be read: ${reason}`, "Give a file with a gate on each line, or -."),
  );
  const gates = [...given, ...parseGates(text.toString("utf8"), file)];
  if (gates.length === 0)
    throw invalid(`-gates ${file} holds no gate`, "Write a gate on each line: p99<=+5%");
  return gates;
}

/** 1 where a gate failed, 5 where one could not be decided and that is not allowed, else 0. */
export function gateExitCode(outcome: GateOutcome, values: FlagValues): number {
  if (outcome === "failed") return exitCodes.no;
  const allowed = booleanOf(values, "allow-inconclusive") ?? false;
  return outcome === "undecided" && !allowed ? exitCodes.inconclusive : exitCodes.done;
}
