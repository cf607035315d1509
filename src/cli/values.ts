/** What stands behind the flags of a command line, read by kind. Whether a number fits is the plan's to say. */

import { MeshLoadError } from "../errors.ts";
import { didYouMean } from "../nearest.ts";
import { parseDurationUs } from "../units.ts";
import type { Flag } from "./flag.ts";

/** By flag name; flags that were not given are absent. */
export type FlagValues = Readonly<Record<string, string | boolean | readonly string[]>>;

/** @throws MeshLoadError FLAG_INVALID for the first value that its flag's kind does not take */
export function checkValues(values: FlagValues, flags: readonly Flag[]): void {
  for (const flag of flags) {
    for (const value of [values[flag.name]].flat()) if (typeof value === "string") checkText(flag, value);
  }
}

function checkText({ name, kind, choices = [], example }: Flag, text: string): void {
  const shown = `-${name} ${JSON.stringify(text)}`;
  switch (kind) {
    case "number":
      if (parseNumber(text) === undefined)
        throw invalid(`${shown} is not a number`, `Write -${name} ${example ?? 1000}.`);
      return;
    case "whole":
      if (!Number.isInteger(parseNumber(text)))
        throw invalid(`${shown} is not a whole number`, `Write -${name} ${example ?? 8}.`);
      return;
    case "wholes":
      if (text.split(",").some((part) => !Number.isInteger(parseNumber(part.trim()))))
        throw invalid(`${shown} is no whole number, and no list of them`, `Write -${name} 8, or 2,8,32.`);
      return;
    case "duration":
      if (parseDurationUs(text) === undefined)
        throw invalid(`${shown} is not a duration`, durationHint(name, text));
      return;
    case "choice":
      if (!choices.includes(text))
        throw invalid(
          `${shown} is none of ${choices.join(", ")}`,
          didYouMean(text, choices, (choice) => `-${name} ${choice}`),
        );
      return;
    case "text":
    case "file":
    case "directory":
    case "profile":
    case "list":
    case "boolean":
      return;
    default:
      kind satisfies never;
  }
}

function durationHint(name: string, text: string): string {
  return /^\d+(\.\d+)?$/.test(text) ? `Write -${name} ${text}s.` : "Write 250ms, 5s or 1m30s.";
}

/** @example invalid('-qps "abc" is not a number', "Write -qps 1000.") */
export function invalid(message: string, hint: string): MeshLoadError {
  return new MeshLoadError("FLAG_INVALID", message, hint === "" ? {} : { hint });
}

export function textOf(values: FlagValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** What was given, in its order; of a flag that is `repeatable`. */
export function textsOf(values: FlagValues, name: string): string[] {
  return [values[name] ?? []].flat().filter((value) => typeof value === "string");
}

export function numberOf(values: FlagValues, name: string): number | undefined {
  const text = textOf(values, name);
  return text === undefined ? undefined : parseNumber(text);
}

export function booleanOf(values: FlagValues, name: string): boolean | undefined {
  const value = values[name];
  return typeof value === "boolean" ? value : undefined;
}

/** Parts between commas, without spaces around them. */
export function listOf(values: FlagValues, name: string): string[] | undefined {
  return textOf(values, name)
    ?.split(",")
    .map((part) => part.trim());
}

/** Decimal notation only: neither `0x10` nor an empty text is what anyone meant. */
export function parseNumber(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

/** Without the keys whose value is `undefined`: absent is what a profile says of them. */
export function defined<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}
