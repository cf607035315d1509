/** Who sends the requests: the fast clients, or the standard one with what it alone can do. */

import { demand } from "./impossible.ts";
import type { LoadPlan, RequestPlan } from "./plan.ts";
import type { LoadProfile } from "./profile.ts";

/** @throws MeshLoadError PLAN_IMPOSSIBLE for what the chosen client cannot do, naming the flag */
export function resolveClient(
  { client = "fast", followRedirects = false, compression = false }: LoadProfile,
  { headers }: RequestPlan,
): Pick<LoadPlan, "client" | "followRedirects" | "compression"> {
  const needs = "needs the standard client: the fast ones send a request and read its response, no more";
  demand(client === "standard" || !followRedirects, `-L ${needs}`, "Add -stdclient.");
  demand(client === "standard" || !compression, `-compression ${needs}`, "Add -stdclient.");
  demand(
    client === "fast" || !headers.some(([name]) => name.toLowerCase() === "expect"),
    "-H Expect cannot be sent by -stdclient: undici has no such header",
    "Leave out one of the two.",
  );
  return { client, followRedirects, compression };
}
