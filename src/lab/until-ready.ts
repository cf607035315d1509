/** Waiting for an Envoy that is starting: tried again and again, but not for ever. */

import { setTimeout as sleep } from "node:timers/promises";
import { monotonicUs } from "../clock.ts";
import { MeshLoadError, messageOf } from "../errors.ts";

const patienceS = 20;
const pauseMs = 10;

export interface UntilReadyOptions {
  /** Who is waited for, for the message. */
  readonly who: string;
  readonly hint?: string;
  /** Of each process: rejects where it ends. */
  readonly failed: readonly Promise<never>[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves with what `attempt` does, once it does; a MeshLoadError of its is final.
 *
 * @throws MeshLoadError ENVOY_FAILED where that takes more than 20 s; what one of `failed` says; the signal's reason
 */
export async function untilReady<T>(
  attempt: () => Promise<T>,
  { who, hint, failed, signal }: UntilReadyOptions,
): Promise<T> {
  const untilUs = monotonicUs() + patienceS * 1e6;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof MeshLoadError) throw error;
      if (monotonicUs() > untilUs)
        throw new MeshLoadError(
          "ENVOY_FAILED",
          `${who} did not get ready in ${patienceS} s: ${messageOf(error)}`,
          { ...(hint === undefined ? {} : { hint }), cause: error },
        );
    }
    await Promise.race([...failed, sleep(pauseMs)]);
  }
}
