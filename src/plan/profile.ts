/** Profiles: what a person wants, in YAML, before defaults and flags make a plan of it. The only importer of yaml. */

import { readFileSync } from "node:fs";
import { isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import type { Document } from "yaml";
import { MeshLoadError } from "../errors.ts";
import { didYouMean } from "../nearest.ts";
import { createValidator } from "../schema.ts";
import type { SchemaError } from "../schema.ts";
import type { Mode } from "./mode.ts";
import type { ABSide, ConnectionWeight, LoadPlan, MapChoice, UpstreamPlan } from "./plan.ts";

/** Partial intent. Durations are text (`5s`). `profiles/profile.schema.json` says the same to editors. */
export interface Profile {
  readonly labels?: string;
  readonly runId?: number;
  readonly seed?: number;
  readonly lab?: LabProfile;
  readonly targets?: readonly TargetProfile[];
  /** Of the Envoy behind all targets that do not name their own. */
  readonly admin?: string;
  readonly pid?: number;
  readonly listener?: string;
  /** The proxies behind it, in the order of the path. */
  readonly hops?: readonly HopProfile[];
  readonly repetitions?: number;
  /** Objectives (`p99<10ms`): find the highest rate at which they hold. */
  readonly findMax?: readonly string[];
  readonly load?: LoadProfile;
  readonly map?: MapChoice;
  readonly workerHeader?: string;
  readonly tail?: number;
  readonly percentiles?: readonly number[];
}

export interface LabProfile {
  readonly modes?: readonly Mode[];
  readonly workers?: number;
  readonly work?: number | "auto";
  readonly envoy?: string;
  readonly maxRequestsPerConnection?: number;
  readonly maxConnectionDuration?: string;
  readonly tls?: boolean;
  readonly hops?: number;
  readonly upstream?: UpstreamProfile;
  /** Two labs, interleaved; what a side leaves out is as above. */
  readonly sides?: Readonly<Partial<Record<ABSide, LabSideProfile>>>;
}

export interface LabSideProfile {
  readonly envoy?: string;
  readonly work?: number | "auto";
  readonly maxRequestsPerConnection?: number;
  readonly maxConnectionDuration?: string;
  readonly upstream?: UpstreamProfile;
}

export interface UpstreamProfile {
  readonly protocol?: UpstreamPlan["protocol"];
  readonly delay?: string;
  readonly size?: number;
  readonly status?: number;
}

/** Of `url` and `bootstrap` it has one. */
export interface TargetProfile {
  readonly url?: string;
  /** File of an Envoy's configuration. */
  readonly bootstrap?: string;
  readonly side?: ABSide;
  readonly name?: string;
  readonly mode?: Mode;
  readonly admin?: string;
  readonly pid?: number;
  readonly listener?: string;
  readonly hops?: readonly HopProfile[];
}

export interface HopProfile {
  readonly admin?: string;
  readonly pid?: number;
  readonly listener?: string;
}

export interface LoadProfile {
  readonly qps?: number;
  /** Several make a sweep. */
  readonly connections?: number | readonly number[];
  /** From the first connection on; those it does not name weigh 1. */
  readonly connectionWeights?: readonly ConnectionWeight[];
  readonly duration?: string;
  readonly exactly?: number;
  /** The rate is `exactly` over `duration`. */
  readonly calcQps?: boolean;
  readonly stages?: readonly StageProfile[];
  readonly warmup?: string;
  readonly keepalive?: boolean;
  readonly client?: LoadPlan["client"];
  readonly followRedirects?: boolean;
  readonly compression?: boolean;
  readonly proxy?: string;
  readonly protocol?: LoadPlan["protocol"];
  readonly streams?: number;
  readonly timeout?: string;
  readonly arrivals?: LoadPlan["arrivals"];
  readonly uniform?: boolean;
  readonly jitter?: boolean;
  readonly nocatchup?: boolean;
  readonly abortOn?: number;
  readonly allowInitialErrors?: boolean;
  readonly pacing?: LoadPlan["pacing"];
  readonly threads?: number;
  /** `burst`, `serial`, or `200/s`. */
  readonly connect?: string;
  /** `10:30`, or `10`. */
  readonly connectionReuse?: string;
  readonly unixSocket?: string;
  readonly resolve?: readonly string[];
  readonly resolveIpType?: "ip4" | "ip6" | "ip";
  readonly dnsMethod?: LoadPlan["dnsMethod"];
  readonly linger0?: boolean;
  readonly localAddresses?: readonly string[];
  readonly tls?: TlsProfile;
  readonly request?: RequestProfile;
  readonly requests?: readonly RequestKindProfile[];
}

/** One step of a sweep. */
export type StepProfile = Omit<LoadProfile, "connections"> & { readonly connections?: number };

export interface TlsProfile {
  readonly insecure?: boolean;
  readonly cacert?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly resume?: boolean;
}

/** What it does not name stays as it was in the stage before. */
export interface StageProfile {
  readonly duration: string;
  readonly qps?: number;
  readonly connections?: number;
  /** `step` has the stage's values from its first second, `linear` reaches them in its last. */
  readonly ramp?: "step" | "linear";
}

/** One kind of request; what it leaves open is as in `load.request`. */
export interface RequestKindProfile extends RequestProfile {
  readonly name?: string;
  readonly weight?: number;
  readonly path?: string;
}

export interface RequestProfile {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly payload?: string;
  readonly payloadBase64?: string;
  readonly payloadSize?: number;
}

/** A JSON Schema, as far as looking up its keys goes. */
interface SchemaNode {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly definitions?: Readonly<Record<string, SchemaNode>>;
}

// From src/plan as from dist/plan, profiles/ is two folders up: in the repository and in the package.
const schema = JSON.parse(
  readFileSync(new URL("../../profiles/profile.schema.json", import.meta.url), "utf8"),
) as SchemaNode;
const validate = createValidator(schema);

/**
 * Reads a profile's YAML (JSON is YAML too). `path` is for messages only.
 *
 * @throws MeshLoadError PROFILE_INVALID, `path:line:column: what is wrong`, with the nearest known key as hint.
 */
export function parseProfile(text: string, path: string): Profile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const invalid = (offset: number, message: string, hint: string): MeshLoadError => {
    const { line, col } = lines.linePos(offset);
    return new MeshLoadError(
      "PROFILE_INVALID",
      `${path}:${line}:${col}: ${message}`,
      hint === "" ? {} : { hint },
    );
  };
  const broken = document.errors[0];
  if (broken !== undefined) throw invalid(broken.pos[0], broken.message, "");
  const value: unknown = document.toJS();
  const error = validate(value);
  if (error === null) return value as Profile;
  const keys = error.path.split("/").slice(1).map(unescapePointer);
  throw invalid(
    offsetOf(document, keys, error),
    messageOf(document, keys, error),
    hintOf(document, keys, error),
  );
}

function messageOf(document: Document, keys: readonly string[], error: SchemaError): string {
  const subject = placeOf(keys.slice(0, error.unknownKey === null ? undefined : -1));
  if (error.unknownKey !== null) return error.message + (subject === "" ? "" : ` in ${subject}`);
  const node = document.getIn(keys, true);
  const got = isScalar(node) ? `, got ${JSON.stringify(node.value)}` : "";
  return `${subject === "" ? "a profile" : subject} ${error.message}${got}`;
}

/** `targets[0].url` */
function placeOf(keys: readonly string[]): string {
  return keys.join(".").replaceAll(/\.(\d+)/g, "[$1]");
}

function hintOf(document: Document, keys: readonly string[], error: SchemaError): string {
  if (error.unknownKey !== null) {
    const known = Object.keys(schemaAt(keys.slice(0, -1))?.properties ?? {});
    return didYouMean(error.unknownKey, known) || `Known here: ${known.join(", ")}.`;
  }
  const value = document.getIn(keys);
  const { enum: known = [], description = "" } = schemaAt(keys) ?? {};
  if (known.length > 0) return typeof value === "string" ? didYouMean(value, known) : "";
  return keys.length === 0 || error.message.includes(description) ? "" : `${placeOf(keys)}: ${description}`;
}

function schemaAt(keys: readonly string[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema;
  for (const key of keys) {
    node = /^\d+$/.test(key) && node?.items !== undefined ? node.items : node?.properties?.[key];
    const name: string | undefined = node?.$ref?.replace("#/definitions/", "");
    if (name !== undefined) node = schema.definitions?.[name];
  }
  return node;
}

/** Where the wrong value stands, or the unknown key itself. */
function offsetOf(document: Document, keys: readonly string[], error: SchemaError): number {
  if (error.unknownKey !== null) {
    const map = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true);
    const pair = isMap(map)
      ? map.items.find(({ key }) => isScalar(key) && String(key.value) === keys.at(-1))
      : null;
    if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0;
  }
  const node = document.getIn(keys, true);
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function unescapePointer(key: string): string {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}
