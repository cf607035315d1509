/** The lab: an Envoy of our own with one listener a mode. */

import { durationUs, timerUs } from "./duration.ts";
import { demand, isWhole } from "./impossible.ts";
import { commonModes } from "./mode.ts";
import type { LabPlan, LabSidePlan, UpstreamPlan } from "./plan.ts";
import type { LabProfile, LabSideProfile, UpstreamProfile } from "./profile.ts";
import { parseMode } from "./target-url.ts";

/** @throws MeshLoadError PLAN_IMPOSSIBLE, naming the flag */
export function resolveLab(lab: LabProfile): LabPlan {
  const wanted = (lab.modes ?? commonModes).map(parseMode);
  demand(wanted.length > 0, "-modes names no mode", `Write -modes ${commonModes.join(",")}.`);
  const twice = wanted.find((mode, i) => wanted.indexOf(mode) !== i);
  demand(twice === undefined, `-modes names ${twice} twice`, "Use -reps to repeat modes.");
  const hops = lab.hops ?? 1;
  demand(isWhole(hops, 1, 4), `-hops ${hops} is out of range`, "Use 1 to 4 Envoys in a chain.");
  return {
    modes: wanted,
    workers: resolveWorkers(lab),
    workUs: checkWork(lab.work ?? "auto"),
    envoy: lab.envoy ?? null,
    tls: lab.tls ?? false,
    ...(hops === 1 ? {} : { hops }),
    ...resolveLimits(lab),
    upstream: lab.upstream === undefined ? null : resolveUpstream(lab.upstream),
    sides: lab.sides === undefined ? null : resolveSides(lab, lab.sides),
  };
}

export function resolveWorkers({ workers = 2 }: LabProfile): number {
  demand(isWhole(workers, 1, 256), `-workers ${workers} is out of range`, "Use 1 to 256 Envoy workers.");
  return workers;
}

function checkWork(workUs: number | "auto"): number | "auto" {
  demand(
    workUs === "auto" || (Number.isFinite(workUs) && workUs >= 0 && workUs <= 1e6),
    `-work ${workUs} is out of range`,
    "Give 0 to 1000000 microseconds of CPU per request, or auto.",
  );
  return workUs;
}

function resolveSides(
  lab: LabProfile,
  { a = {}, b = {} }: NonNullable<LabProfile["sides"]>,
): LabPlan["sides"] {
  // Where one side has an upstream, the other has one too: a proxied and a direct response are not two of a kind.
  const anyUpstream = [lab, a, b].some(({ upstream }) => upstream !== undefined);
  const resolve = ({ envoy, work, upstream, ...limits }: LabSideProfile): LabSidePlan => ({
    envoy: envoy ?? lab.envoy ?? null,
    workUs: work === undefined ? null : checkWork(work),
    ...resolveLimits(limits),
    upstream: anyUpstream ? resolveUpstream({ ...lab.upstream, ...upstream }) : null,
  });
  return { a: resolve(a), b: resolve(b) };
}

function resolveLimits(lab: LabSideProfile): Pick<LabPlan, "limits"> {
  const { maxRequestsPerConnection: maxRequests = null, maxConnectionDuration: duration } = lab;
  if (maxRequests === null && duration === undefined) return {};
  demand(
    maxRequests === null || isWhole(maxRequests, 1, 2 ** 31),
    `-max-requests-per-connection ${maxRequests} is out of range`,
    "Give at least 1, or leave it out for no limit.",
  );
  const maxDurationUs = duration === undefined ? null : durationUs("-max-connection-duration", duration);
  demand(
    maxDurationUs === null || maxDurationUs >= 1000,
    `-max-connection-duration ${duration} is too short`,
    "Give at least 1ms, or leave it out for no limit.",
  );
  return { limits: { maxRequests, maxDurationUs } };
}

function resolveUpstream(upstream: UpstreamProfile): UpstreamPlan {
  const { protocol = "http/1.1", delay = "0", size = 0, status = 200 } = upstream;
  demand(
    isWhole(size, 0, 100 * 2 ** 20),
    `-upstream-size ${size} is out of range`,
    "Give 0 to 104857600 bytes.",
  );
  demand(isWhole(status, 200, 599), `-upstream-status ${status} is no final status`, "Give 200 to 599.");
  return { protocol, delayUs: timerUs("-upstream-delay", delay), sizeBytes: size, status };
}
