/** Fresh connections between two Envoys of a chain: clusters that have changed give up the connections that they had. */

import { setTimeout as sleep } from "node:timers/promises";
import { monotonicUs } from "../clock.ts";
import { MeshLoadError, messageOf } from "../errors.ts";
import { probe } from "./probe.ts";

const patienceUs = 5e6;
const pauseMs = 10;

/** `write` writes the clusters anew, as those of another generation. Resolves when the Envoy holds no connection of them. */
export function createRenewal(
  admin: string,
  write: (generation: number) => Promise<void>,
): () => Promise<void> {
  let generation = 0;
  return async () => {
    const before = await readStats(admin);
    await write(++generation);
    const untilUs = monotonicUs() + patienceUs;
    for (;;) {
      const now = await readStats(admin);
      if (now.modified > before.modified && now.open === 0) return;
      if (monotonicUs() > untilUs)
        throw new MeshLoadError(
          "ENVOY_FAILED",
          `the Envoy at ${admin} did not give up its upstream connections in 5 s: ${now.open} are open`,
        );
      await sleep(pauseMs);
    }
  };
}

/** Clusters modified since Envoy's start, and connections that lead to the next Envoy. */
async function readStats(admin: string): Promise<{ modified: number; open: number }> {
  const filter = "^cluster_manager\\.cluster_modified$|^cluster\\.next_.*\\.upstream_cx_active$";
  const { body } = await probe(`${admin}/stats?filter=${encodeURIComponent(filter)}`).catch(
    (cause: unknown) => {
      throw new MeshLoadError("ENVOY_FAILED", `the Envoy at ${admin} does not answer: ${messageOf(cause)}`, {
        cause,
      });
    },
  );
  let [modified, open] = [0, 0];
  for (const [, name = "", value] of body.matchAll(/^(\S+): (\d+)$/gm))
    if (name.startsWith("cluster_manager.")) modified += Number(value);
    else open += Number(value);
  return { modified, open };
}
