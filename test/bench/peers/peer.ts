/** What a load tester is to the benchmark, ours included. */

/** The load of one run, the same for all. */
export interface Work {
  readonly connections: number;
  /** 0 = as fast as it goes. */
  readonly qps: number;
  readonly seconds: number;
  readonly keepalive: boolean;
  /** HTTP/2 with so many streams in flight on each connection; not given = HTTP/1.1. */
  readonly streams?: number;
  /** By `https://`, the server's certificate unverified. */
  readonly tls?: boolean;
  /** For those that can be told; 1 where not given. */
  readonly threads?: number;
}

/** What the tester itself says; `null` where it says nothing. */
export interface Reported {
  readonly p50Us: number | null;
  readonly p99Us: number | null;
  /** Only mesh-load tells these. */
  readonly lagP50Us?: number;
  readonly lagP99Us?: number;
  readonly loadCpuS?: number;
}

/** Where it comes from. `binary` is its file name, `entry` a script inside the package. */
export type Source =
  | { readonly kind: "own" }
  | { readonly kind: "apt"; readonly package: string; readonly binary: string }
  | { readonly kind: "go"; readonly module: string; readonly version: string; readonly binary: string }
  | { readonly kind: "npm"; readonly package: string; readonly version: string; readonly entry: string }
  | { readonly kind: "cargo"; readonly crate: string; readonly version: string; readonly binary: string };

interface CommandRequest {
  readonly url: string;
  readonly work: Work;
  /** Arguments of this entrant beyond the work's. */
  readonly extra: readonly string[];
}

export interface Peer {
  readonly name: string;
  readonly source: Source;
  /** Why it cannot do this work, or `null` where it can. */
  readonly cannot: (work: Work) => string | null;
  /** Its arguments, without the program. */
  readonly args: (request: CommandRequest) => string[];
  /** Reads its stdout; throws where that is not a report. */
  readonly parse: (stdout: string) => Reported;
}

export const noHttp2 = "it speaks no HTTP/2";
export const noH2c = "it speaks HTTP/2 over TLS alone";

/** The number that the pattern's first group finds, or an error that names the pattern. */
export function found(text: string, pattern: RegExp): string {
  const match = pattern.exec(text)?.[1];
  if (match === undefined) throw new Error(`its report has no ${pattern.source}`);
  return match;
}
