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

const exitCodeOf = {
  FLAG_INVALID: exitCodes.usage,
  PROFILE_INVALID: exitCodes.usage,
  PLAN_IMPOSSIBLE: exitCodes.usage,
  GATE_INVALID: exitCodes.usage,
  NOT_COMPARABLE: exitCodes.usage,
  TARGET_UNREACHABLE: exitCodes.environment,
  ADMIN_UNREACHABLE: exitCodes.environment,
  ADMIN_NOT_ENVOY: exitCodes.environment,
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

/** The message of anything thrown, for a sentence of our own. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
