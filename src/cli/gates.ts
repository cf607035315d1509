/** `-gate` and `-gates`, and what their outcome is worth to a script. */

import type { GateOutcome } from "../compare/comparison.ts";
import { parseGate, parseGates } from "../compare/gate.ts";
import type { Gate } from "../compare/gate.ts";
import { exitCodes } from "../errors.ts";
import { readInput } from "./input-file.ts";
import { booleanOf, invalid, textOf } from "./values.ts";
import type { FlagValues } from "./values.ts";

/** The gates that are asked for, or `undefined` where there are none. @throws MeshLoadError GATE_INVALID */
export function gatesOf(values: FlagValues): Gate[] | undefined {
  const given = [values["gate"] ?? []].flat().map((text) => parseGate(String(text)));
  const file = textOf(values, "gates");
  if (file === undefined) return given.length === 0 ? undefined : given;
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
