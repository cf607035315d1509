/** Is my listener config applied? Every listener of an Envoy, as configured and as the kernel holds it. */

import type { Mode } from "./plan/mode.ts";
import { createAdmin } from "./scraper/admin.ts";
import {
  handingOverTo,
  isSteeringDenied,
  placeOf,
  readEnvoy,
  seeProcess,
  socketsAt,
} from "./scraper/discover.ts";
import type { EnvoyView } from "./scraper/discover.ts";
import type { ConfiguredListener } from "./scraper/listener-config.ts";
import type { ProcessView } from "./scraper/process.ts";
import { proveMode } from "./scraper/proof.ts";
import { activeFilter, parseListenerCounts } from "./scraper/stats.ts";

/** One listener, static or dynamic. */
export interface ListenerReport {
  /** Empty where the configuration gives none. */
  readonly name: string;
  /** `127.0.0.1:10000`, `[::]:10000`, `udp …`, `pipe …`. */
  readonly address: string;
  /** `null` where it is none of the modes: another balancer, or no TCP listener. */
  readonly configured: Mode | null;
  /** `null` where it cannot be told; `reason` says why. */
  readonly inEffect: Mode | null;
  /** Listening sockets, and descriptors on them; `null` where the process is out of sight. */
  readonly sockets: number | null;
  readonly descriptors: number | null;
  /** Connections open now, ascending by worker; empty where Envoy does not show them. */
  readonly workers: readonly { readonly id: number; readonly connections: number }[];
  readonly applied: "yes" | "no" | "unknown";
  /** In words, for all three answers. */
  readonly reason: string;
}

/**
 * Inspects the Envoy behind `adminUrl`, in the order of its configuration. `pid` is its process; with `null` it is
 * found where the admin is on this machine.
 *
 * @throws MeshLoadError ADMIN_UNREACHABLE, ADMIN_NOT_ENVOY, PROCESS_NOT_FOUND
 */
export async function inspect(
  adminUrl: string,
  { pid = null }: { readonly pid?: number | null } = {},
): Promise<ListenerReport[]> {
  await using admin = createAdmin(adminUrl);
  const envoy = await readEnvoy(admin);
  const stats = await admin.stats(activeFilter);
  const seen = await seeProcess(pid, adminUrl);
  return envoy.listeners.map((listener) => report({ listener, envoy, stats, ...sightOf(seen) }));
}

interface Sight {
  readonly view: ProcessView | null;
  readonly obstacle: string | null;
}

function sightOf(seen: ProcessView | string | null): Sight {
  if (seen === null)
    return { view: null, obstacle: "the Envoy is not on this machine, so its sockets are out of sight" };
  if (typeof seen === "string") return { view: null, obstacle: seen };
  if (seen.isEnvoy) return { view: seen, obstacle: null };
  return {
    view: null,
    obstacle: `process ${seen.pid} (${seen.command}) is no Envoy: it has no worker threads`,
  };
}

function report({
  listener,
  envoy,
  stats,
  view,
  obstacle,
}: Sight & {
  readonly listener: ConfiguredListener;
  readonly envoy: EnvoyView;
  readonly stats: unknown;
}): ListenerReport {
  const { name, address, statName } = listener;
  const via = handingOverTo(listener, envoy.listeners);
  const accepting = listener.bound ? listener : via;
  const place = accepting && placeOf(accepting);
  const proof = proveMode({
    listener,
    via,
    sockets: view === null || place === null ? null : socketsAt(view, place),
    workers: envoy.server?.concurrency ?? null,
    updatedInPlace: envoy.updatedInPlace,
    pinned: envoy.pinned,
    steeringDenied: isSteeringDenied(view, listener),
    obstacle,
  });
  const { configured, inEffect, sockets, descriptors, reason } = proof;
  return {
    name,
    address,
    configured,
    inEffect,
    sockets,
    descriptors,
    workers: [...parseListenerCounts(stats, statName).workers].map(([id, { active }]) => ({
      id,
      connections: active ?? 0,
    })),
    applied: judgeApplied(listener, { inEffect, sockets }),
    reason,
  };
}

function judgeApplied(
  { mode, state, problem }: ConfiguredListener,
  { inEffect, sockets }: Pick<ListenerReport, "inEffect" | "sockets">,
): ListenerReport["applied"] {
  if (state !== "active") return "no";
  if (mode === null) return "unknown";
  // A rejected or warming update: what is in effect is not the configuration that was sent last.
  if (problem !== null || sockets === 0) return "no";
  if (inEffect === null) return "unknown";
  return inEffect === mode ? "yes" : "no";
}
