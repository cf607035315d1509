/** JSON Schema (draft-07, the one that editors know best) over parsed values. The only importer of ajv. */

import { Ajv } from "ajv";
import type { ErrorObject } from "ajv";

/** The first thing wrong with a value. */
export interface SchemaError {
  /** JSON Pointer (RFC 6901) to the wrong value or unknown key: `/runs/0/mode`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
  /** The key that the schema does not know, where that is what is wrong. */
  readonly unknownKey: string | null;
}

export type Validator = (value: unknown) => SchemaError | null;

/**
 * Compiles a JSON Schema (milliseconds: do it once).
 *
 * @example createValidator({ type: "object", properties: { a: { type: "number" } } })({ a: "x" })
 *   // { path: "/a", message: "must be a number", unknownKey: null }
 */
export function createValidator(schema: object): Validator {
  // Compiled on first use: most commands validate nothing, and every start would pay for it.
  let validate: ReturnType<Ajv["compile"]> | undefined;
  return (value) => {
    validate ??= new Ajv({ allErrors: false, allowUnionTypes: true, strict: true, verbose: true }).compile(
      schema,
    );
    if (validate(value)) return null;
    return describe(validate.errors ?? []);
  };
}

function describe(errors: readonly ErrorObject[]): SchemaError {
  // Of a failed anyOf the branches come first and the anyOf last; the deepest error is the one a person can mend.
  const error = errors.toSorted((a, b) => depth(b) - depth(a))[0];
  if (error === undefined) return { path: "", message: "is not valid", unknownKey: null };
  const params = error.params as Record<string, unknown>;
  if (error.keyword === "additionalProperties") {
    const key = String(params["additionalProperty"]);
    return {
      path: `${error.instancePath}/${escapePointer(key)}`,
      message: `unknown key "${key}"`,
      unknownKey: key,
    };
  }
  return { path: error.instancePath, message: messageFor(error, params), unknownKey: null };
}

function messageFor(error: ErrorObject, params: Record<string, unknown>): string {
  switch (error.keyword) {
    case "type":
      return `must be ${listOf([params["type"]].flat())}`;
    case "enum":
      return `must be one of ${(params["allowedValues"] as unknown[]).map((value) => JSON.stringify(value)).join(", ")}`;
    case "const":
      return `must be ${JSON.stringify(params["allowedValue"])}`;
    case "required":
      return `lacks "${String(params["missingProperty"])}"`;
    case "pattern":
      // A pattern says nothing to a person: the schema's description does.
      return `must be ${String(error.parentSchema?.["description"] ?? error.message)}`;
    default:
      return error.message ?? "is not valid";
  }
}

const articles: Readonly<Record<string, string>> = {
  number: "a number",
  integer: "a whole number",
  string: "text",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  null: "null",
};

function listOf(types: readonly unknown[]): string {
  return types.map((type) => articles[String(type)] ?? String(type)).join(" or ");
}

function depth(error: ErrorObject): number {
  return error.instancePath.split("/").length;
}

function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
