/** Flags over profile: both are partial intent, and the flags win key by key. */

import type { LabProfile, LoadProfile, Profile, RequestProfile } from "./profile.ts";

/**
 * Joins the two. Of keys that exclude one another (count and time, the payloads) a flag drops the profile's; targets
 * among the flags take the place of everything the profile says about where to drive.
 */
export function layer(profile: Profile, flags: Profile): Profile {
  const base =
    flags.targets === undefined
      ? profile
      : omit(profile, ["lab", "targets", "admin", "pid", "listener", "hops"]);
  const lab = base.lab ?? flags.lab;
  return {
    ...base,
    ...flags,
    ...(lab === undefined ? {} : { lab: layerLab(base.lab ?? {}, flags.lab ?? {}) }),
    load: layerLoad(base.load ?? {}, flags.load ?? {}),
  };
}

function layerLab(profile: LabProfile, flags: LabProfile): LabProfile {
  const upstream =
    flags.upstream === undefined ? {} : { upstream: { ...profile.upstream, ...flags.upstream } };
  return { ...profile, ...flags, ...upstream, ...layerSides(profile.sides, flags.sides) };
}

function layerSides(profile: LabProfile["sides"], flags: LabProfile["sides"]): Pick<LabProfile, "sides"> {
  if (flags === undefined) return profile === undefined ? {} : { sides: profile };
  return { sides: { a: { ...profile?.a, ...flags.a }, b: { ...profile?.b, ...flags.b } } };
}

function layerLoad(profile: LoadProfile, flags: LoadProfile): LoadProfile {
  const dropped: (keyof LoadProfile)[] = [];
  // -calc-qps makes the rate of both, and only then do they not exclude each other.
  const calculated = flags.qps === undefined && (flags.calcQps ?? profile.calcQps ?? false);
  if (flags.exactly !== undefined && !calculated) dropped.push("duration");
  if (flags.duration !== undefined && !calculated) dropped.push("exactly");
  if (flags.calcQps === true) dropped.push("qps");
  if (flags.qps !== undefined) dropped.push("calcQps");
  const request = layerRequest(profile.request ?? {}, flags.request ?? {});
  return { ...omit(profile, dropped), ...flags, request };
}

const payloads = ["payload", "payloadBase64", "payloadSize"] as const;

/** Headers one by one, of the payloads one. */
export function layerRequest(profile: RequestProfile, flags: RequestProfile): RequestProfile {
  const base = payloads.some((key) => flags[key] !== undefined) ? omit(profile, payloads) : profile;
  const overridden = new Set(Object.keys(flags.headers ?? {}).map((name) => name.toLowerCase()));
  const kept = Object.entries(base.headers ?? {}).filter(([name]) => !overridden.has(name.toLowerCase()));
  return { ...base, ...flags, headers: { ...Object.fromEntries(kept), ...flags.headers } };
}

function omit<T extends object>(value: T, keys: readonly (keyof T)[]): T {
  const rest = { ...value };
  for (const key of keys) delete rest[key];
  return rest;
}
