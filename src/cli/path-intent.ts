/** `-admin`, `-pid` and `-listener`, given once for each proxy on the path, the one nearest to the client first. */

import type { HopProfile, Profile } from "../plan/profile.ts";
import { defined, invalid, parseNumber, textsOf } from "./values.ts";
import type { FlagValues } from "./values.ts";

/**
 * What they say of the proxies. `prefix` is `ab-` for those of side b.
 *
 * @throws MeshLoadError FLAG_INVALID where it is not clear whose a value is
 */
export function pathIntent(
  values: FlagValues,
  prefix: "" | "ab-" = "",
): Pick<Profile, "admin" | "pid" | "listener" | "hops"> {
  const admins = textsOf(values, `${prefix}admin`);
  const pids = textsOf(values, `${prefix}pid`);
  const listeners = prefix === "" ? textsOf(values, "listener") : [];
  const hops = Math.max(admins.length, pids.length);
  if (admins.length > 0 && pids.length > 0 && admins.length !== pids.length)
    throw invalid(
      `-${prefix}admin is given ${times(admins)} and -${prefix}pid ${times(pids)}: whose they are is not clear`,
      `Give -${prefix}pid for every proxy that -${prefix}admin is given for, in the same order, or for none.`,
    );
  if (listeners.length > Math.max(1, hops))
    throw invalid(
      `-listener is given ${times(listeners)}, for ${hops < 2 ? "one proxy" : `${hops} proxies`}`,
      "Give it once for each -admin, in the same order.",
    );
  const path = Array.from({ length: Math.max(hops, listeners.length) }, (_, i) =>
    defined<HopProfile>({
      admin: admins[i],
      pid: pids[i] === undefined ? undefined : parseNumber(pids[i]),
      listener: listeners[i],
    }),
  );
  const [first, ...behind] = path;
  return { ...first, ...(behind.length === 0 ? {} : { hops: behind }) };
}

function times(given: readonly string[]): string {
  return given.length === 1 ? "once" : `${given.length} times`;
}
