/** What stops mesh-load. A failed request is data and a doubt is a `Warning`; only what ends the work is thrown. */

/** Exit codes of the command line, as README.md lists them. */
export const exitCodes = {
  done: 0,
  no: 1,
  usage: 2,
  environment: 3,
  untrusted: 4,
  inconclusive: 5,
  bug: 70,
  interrupted: 130,
  /** What is read no further ends as by SIGPIPE. */
  readerGone: 141,
  terminated: 143,
} as const;

/** What each of them tells a script. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: "done",
  no: "the answer is no: a gate failed, no rate held `-slo`, more failures than `-max-failures`, ended by `-abort-on`, the very first request failed, or of `inspect`: a mode is not applied",
  usage: "usage: a flag, a profile, an impossible plan",
  environment: "environment: target, admin, Envoy or a file; nothing ever answered",
  untrusted:
    "it ran, but do not trust it: below 99 % of the asked rate for the driver's own reasons, a driver thread died, the driver ended a `-find-max`, or `-strict` with warnings",
  inconclusive:
    "no gate failed, and some could not be decided, or a `-find-max`; 0 with `-allow-inconclusive`",
  bug: "a bug in mesh-load",
  interrupted: "interrupted (SIGINT); what was finished is saved",
  readerGone: "`report`: what reads its output went away (`| head`)",
  terminated: "interrupted (SIGTERM); what was finished is saved",
};

const exitCodeOf = {
  FLAG_INVALID: exitCodes.usage,
  PROFILE_INVALID: exitCodes.usage,
  PLAN_IMPOSSIBLE: exitCodes.usage,
  GATE_INVALID: exitCodes.usage,
  NOT_COMPARABLE: exitCodes.usage,
  TARGET_UNREACHABLE: exitCodes.environment,
  ADMIN_UNREACHABLE: exitCodes.environment,
  ADMIN_NOT_ENVOY: exitCodes.environment,
  PROCESS_NOT_FOUND: exitCodes.environment,
  ENVOY_NOT_FOUND: exitCodes.environment,
  ENVOY_FAILED: exitCodes.environment,
  UPSTREAM_FAILED: exitCodes.environment,
  LIMIT_EXCEEDED: exitCodes.environment,
  OUTPUT_UNWRITABLE: exitCodes.environment,
  RESULT_UNREADABLE: exitCodes.environment,
  NOTHING_TO_COMPARE: exitCodes.environment,
  THREAD_DIED: exitCodes.untrusted,
} as const;

/** Stable names a script may branch on. */
export type ErrorCode = keyof typeof exitCodeOf;

/**
 * The one error mesh-load throws on purpose: what is wrong and where (`message`), what to do (`hint`).
 *
 * @example throw new MeshLoadError("PLAN_IMPOSSIBLE", "-n 5 is fewer than -c 8", { hint: "Use -c 5 or less." });
 */
export class MeshLoadError extends Error {
  override readonly name = "MeshLoadError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, { hint, cause }: { hint?: string; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }

  get exitCode(): number {
    return exitCodeOf[this.code];
  }
}

/** The errors that end with an exit code. */
export function errorCodesOf(exitCode: number): string[] {
  return Object.entries(exitCodeOf).flatMap(([code, exit]) => (exit === exitCode ? [code] : []));
}

/** The message of anything thrown, for a sentence of our own. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
