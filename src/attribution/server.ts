/** Which runs drove the same server. */

import type { Run } from "../result/result.ts";

/**
 * A name for the server of a run. Modes at one host are listeners of one Envoy; where the mode is not known, another port
 * may be another server. The sides of an A/B experiment have a server each, whatever they are called.
 */
export function serverOf({ side, mode, target: { url, hop } }: Run): string {
  const parsed = URL.parse(url);
  const address = mode === null ? parsed?.host : parsed?.hostname;
  return [side && `side ${side}`, hop, address ?? url].filter((part) => part !== "").join(", ");
}
