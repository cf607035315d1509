/** Who sends the requests: the fast clients, or the standard one with what it alone can do. */

import { demand } from "./impossible.ts";
import type { LoadPlan, ProxyPlan, RequestPlan } from "./plan.ts";
import type { LoadProfile } from "./profile.ts";
import { givenProxy } from "./proxy-plan.ts";

/**
 * `environment` has the proxies that count where the profile names none.
 *
 * @throws MeshLoadError PLAN_IMPOSSIBLE for what the chosen client cannot do, naming the flag
 */
export function resolveClient(
  load: LoadProfile,
  { headers }: RequestPlan,
  environment: ProxyPlan | null,
): Pick<LoadPlan, "client" | "followRedirects" | "compression" | "proxies"> {
  const { client = "fast", followRedirects = false, compression = false, proxy } = load;
  for (const [flag, given] of [
    ["-L", followRedirects],
    ["-compression", compression],
    ["-proxy", proxy !== undefined],
  ] as const)
    demand(
      client === "standard" || !given,
      `${flag} needs the standard client: the fast ones send a request and read its response, no more`,
      "Add -stdclient.",
    );
  demand(
    client === "fast" || !headers.some(([name]) => name.toLowerCase() === "expect"),
    "-H Expect cannot be sent by -stdclient: undici has no such header",
    "Leave out one of the two.",
  );
  const elsewhere = load.unixSocket !== undefined ? "-unix-socket" : load.resolve && "-resolve";
  demand(
    proxy === undefined || elsewhere === undefined,
    `-proxy and ${elsewhere} contradict each other: both say where to connect`,
    "Keep one of the two.",
  );
  const given = proxy === undefined ? environment : givenProxy(proxy);
  const proxies = client === "standard" && elsewhere === undefined ? given : null;
  return { client, followRedirects, compression, proxies };
}
