/** The few words that the schema of the result file is written in. JSON Schema, draft-07. */

import type { Warning } from "./warnings.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * An object with exactly the fields of `T`, all of them required. That `properties` names every field of the type and
 * no other is checked by the compiler: a field added to the type does not compile until the schema has it.
 */
export function object<T>(
  properties: { readonly [Key in keyof T]-?: JsonSchema },
  description?: string,
): JsonSchema {
  return {
    ...(description === undefined ? {} : { description }),
    type: "object",
    additionalProperties: false,
    required: Object.keys(properties),
    properties,
  };
}

/** The same object without the need for some of its fields: those that older files lack. */
export function optional<T>(schema: JsonSchema, ...fields: readonly (keyof T & string)[]): JsonSchema {
  const required = (schema["required"] as string[]).filter((name) => !fields.includes(name as never));
  return { ...schema, required };
}

export const text: JsonSchema = { type: "string" };
export const bool: JsonSchema = { type: "boolean" };
export const number: JsonSchema = { type: "number" };
export const count: JsonSchema = { type: "integer", minimum: 0 };
/** 0 or more: durations, rates, CPU. */
export const amount: JsonSchema = { type: "number", minimum: 0 };
export const share: JsonSchema = { type: "number", minimum: 0, maximum: 1 };
/** ISO 8601, UTC. */
export const date: JsonSchema = {
  type: "string",
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$",
};
/** From, to. */
export const interval: JsonSchema = { type: "array", items: number, minItems: 2, maxItems: 2 };

export const list = (items: JsonSchema): JsonSchema => ({ type: "array", items });
export const oneOf = (values: readonly unknown[]): JsonSchema => ({ enum: values });
export const table = (values: JsonSchema): JsonSchema => ({ type: "object", additionalProperties: values });
export const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [{ type: "null" }, schema] });

/** Codes are open text here: a reader must take a doubt that it does not know yet. */
export const warningSchema = object<Warning>({ code: text, message: text, hint: text });
