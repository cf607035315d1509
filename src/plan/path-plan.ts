/** The proxies on the path of a target that are watched: the one that is driven, and those behind it. */

import { demand, isWhole } from "./impossible.ts";
import type { HopPlan, TargetPlan } from "./plan.ts";
import type { HopProfile, Profile, TargetProfile } from "./profile.ts";
import { checkAdminUrl } from "./target-url.ts";

/** Each proxy once: the same one twice would be taken for two. @throws MeshLoadError PLAN_IMPOSSIBLE */
export function resolvePath(
  target: TargetProfile,
  shared: Profile,
): Pick<TargetPlan, "admin" | "pid" | "listener" | "hops"> {
  const first = resolveProxy({
    admin: target.admin ?? shared.admin,
    pid: target.pid ?? shared.pid,
    listener: target.listener ?? shared.listener,
  });
  const hops = (target.hops ?? shared.hops ?? []).map(resolveProxy);
  const path = [first, ...hops];
  for (const [i, { admin, pid }] of path.entries()) {
    const hop = i + 1;
    demand(
      hops.length === 0 || admin !== null || pid !== null,
      `hop ${hop} has neither admin nor PID`,
      "Give -admin, or -pid, once for each proxy on the path, the one nearest to the client first.",
    );
    const same = path.findIndex(
      (other) => (admin !== null && other.admin === admin) || (pid !== null && other.pid === pid),
    );
    demand(
      same === i || same === -1,
      `hop ${hop} is the same proxy as hop ${same + 1}: ${admin !== null && path[same]?.admin === admin ? `-admin ${admin}` : `-pid ${pid}`}`,
      "Give each proxy on the path once, the one nearest to the client first.",
    );
  }
  return { ...first, ...(hops.length === 0 ? {} : { hops }) };
}

function resolveProxy({
  admin,
  pid,
  listener,
}: {
  readonly [K in keyof HopProfile]: HopProfile[K] | undefined;
}): HopPlan {
  demand(
    pid === undefined || isWhole(pid, 1, 2 ** 31),
    `-pid ${pid} is no process`,
    "Give the PID of Envoy.",
  );
  return {
    admin: admin === undefined ? null : checkAdminUrl(admin),
    pid: pid ?? null,
    listener: listener ?? null,
  };
}
