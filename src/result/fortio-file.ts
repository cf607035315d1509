/** What is read of Fortio's JSON (its HTTP and gRPC runs), and how it is told from other files. */

import { createValidator } from "../schema.ts";

export interface FortioHistogram {
  readonly Count: number;
  readonly Min: number;
  readonly Max: number;
  readonly Avg: number;
  /** Occupied buckets; seconds. */
  readonly Data: readonly { readonly Start: number; readonly End: number; readonly Count: number }[] | null;
  readonly Percentiles?: readonly { readonly Percentile: number; readonly Value: number }[];
}

export interface FortioFile {
  readonly RunType: string;
  readonly Labels: string;
  readonly StartTime: string;
  /** `max`, or a number. */
  readonly RequestedQPS: string;
  readonly RequestedDuration: string;
  readonly ActualQPS: number;
  /** Nanoseconds. */
  readonly ActualDuration: number;
  readonly NumThreads: number;
  readonly Version: string;
  readonly DurationHistogram: FortioHistogram;
  readonly ErrorsDurationHistogram?: FortioHistogram;
  readonly Exactly?: number;
  readonly Jitter?: boolean;
  readonly Uniform?: boolean;
  readonly NoCatchUp?: boolean;
  readonly ID?: string;
  readonly RetCodes: Readonly<Record<string, number>>;
  readonly IPCountMap?: Readonly<Record<string, number>> | null;
  readonly URL?: string;
  readonly Destination?: string;
  readonly Streams?: number;
  readonly H2?: boolean;
  readonly DisableKeepAlive?: boolean;
  readonly HTTPReqTimeOut?: number;
  readonly SocketCount?: number;
  readonly ConnectionStats?: FortioHistogram;
  /** In files that mesh-load itself wrote in this form. */
  readonly MeshLoad?: { readonly ServiceTime: FortioHistogram };
}

const number = { type: "number" };
const text = { type: "string" };
const count = { type: "integer", minimum: 0 };
const counts = { anyOf: [{ type: "null" }, { type: "object", additionalProperties: count }] };

const histogram = {
  type: "object",
  required: ["Count", "Min", "Max", "Avg", "Data"],
  properties: {
    Count: count,
    Min: number,
    Max: number,
    Avg: number,
    Data: {
      anyOf: [
        { type: "null" },
        {
          type: "array",
          items: {
            type: "object",
            required: ["Start", "End", "Count"],
            properties: { Start: number, End: number, Count: count },
          },
        },
      ],
    },
    Percentiles: {
      type: "array",
      items: {
        type: "object",
        required: ["Percentile", "Value"],
        properties: { Percentile: number, Value: number },
      },
    },
  },
};

const flags = ["Jitter", "Uniform", "NoCatchUp", "H2", "DisableKeepAlive"];

/** The first thing wrong with a Fortio file, or `null`. */
export const findFortioError = createValidator({
  type: "object",
  required: [
    "RunType",
    "Labels",
    "StartTime",
    "RequestedQPS",
    "RequestedDuration",
    "ActualQPS",
    "ActualDuration",
    "NumThreads",
    "Version",
    "DurationHistogram",
    "RetCodes",
  ],
  properties: {
    ...Object.fromEntries(flags.map((name) => [name, { type: "boolean" }])),
    RunType: text,
    Labels: text,
    StartTime: text,
    RequestedQPS: text,
    RequestedDuration: text,
    ActualQPS: number,
    ActualDuration: number,
    NumThreads: { type: "integer", minimum: 1 },
    Version: text,
    DurationHistogram: histogram,
    ErrorsDurationHistogram: histogram,
    Exactly: count,
    ID: text,
    RetCodes: { type: "object", additionalProperties: count },
    IPCountMap: counts,
    URL: text,
    Destination: text,
    Streams: count,
    HTTPReqTimeOut: number,
    SocketCount: count,
    ConnectionStats: histogram,
    MeshLoad: { type: "object", required: ["ServiceTime"], properties: { ServiceTime: histogram } },
  },
});

/** By the two fields that every result of Fortio has, and nobody else's. */
export function isFortioFile(value: unknown): boolean {
  return typeof value === "object" && value !== null && "RunType" in value && "DurationHistogram" in value;
}
