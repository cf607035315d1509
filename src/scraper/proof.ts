/** Which listener mode was configured, and which is in effect: the configuration against what the kernel holds. Pure. */

import type { Mode } from "../plan/mode.ts";
import type { ModeProof } from "../result/result.ts";
import type { ListenerCounts } from "./stats.ts";
import type { ConfiguredListener } from "./listener-config.ts";

/** The sockets that a listener has. */
export interface ListeningSockets {
  /** Distinct sockets: Envoy opens one for all workers, or one for each under reuse_port. */
  readonly sockets: number;
  /** Descriptors on them, one a worker; `null` where those of the process may not be seen. */
  readonly descriptors: number | null;
}

export interface Evidence {
  /** `null` where there is no admin, or it has no such listener. */
  readonly listener: ConfiguredListener | null;
  /** The listener that hands over to `listener`, where that one has no socket of its own; `sockets` are its. */
  readonly via?: ConfiguredListener | null;
  /** `null` where the process is not known or not on this machine. */
  readonly sockets: ListeningSockets | null;
  /** Worker threads. */
  readonly workers: number | null;
  /** Envoy has updated some listener in place since it started. */
  readonly updatedInPlace: boolean;
  /** Workers that are pinned to a CPU of their own, where Envoy counts them (since 1.39). */
  readonly pinned?: number | null;
  /** Envoy's log says that cpu_locality_balance does not steer this listener. */
  readonly steeringDenied?: boolean;
  /** No Envoy: the kernel's sockets are all there is to decide who gets a connection, as far as anybody can see. */
  readonly foreign?: boolean;
  /** Why `listener` or `sockets` is missing, in words. */
  readonly obstacle: string | null;
}

/**
 * Counts the sockets that listen (`inodes`). Where `descriptors` (inodes, one for each descriptor of the server) are
 * known, only its own count: an address may also be shared with another process.
 */
export function countListening(
  inodes: ReadonlySet<number>,
  descriptors: readonly number[] | null,
): ListeningSockets {
  if (descriptors === null) return { sockets: inodes.size, descriptors: null };
  const held = descriptors.filter((inode) => inodes.has(inode));
  return { sockets: new Set(held).size, descriptors: held.length };
}

/**
 * Weighs the evidence. The kernel shows whether workers share a socket; it does not show Envoy's own balancing, so
 * exact_balance is taken from the configuration that Envoy says is active.
 */
export function proveMode(evidence: Evidence): ModeProof {
  const { listener, sockets } = evidence;
  const shared = sharedSocket(evidence);
  const { inEffect, reason } = judge(evidence, shared);
  return {
    listener: listener === null ? null : listener.name || listener.address,
    configured: listener?.mode ?? null,
    inEffect,
    reusePort: shared === null ? (listener?.reusePort ?? null) : !shared,
    sockets: sockets?.sockets ?? null,
    descriptors: sockets?.descriptors ?? null,
    reason,
  };
}

/** Whether all workers accept from one socket; `null` where the kernel does not tell, as with one worker. */
function sharedSocket({ sockets, workers }: Evidence): boolean | null {
  if (sockets === null || sockets.sockets === 0) return null;
  if (sockets.sockets > 1) return false;
  if (sockets.descriptors !== null && sockets.descriptors > 1) return true;
  return workers !== null && workers > 1 ? true : null;
}

function judge(evidence: Evidence, shared: boolean | null): { inEffect: Mode | null; reason: string } {
  const { listener, sockets, workers, updatedInPlace, foreign = false, obstacle } = evidence;
  const kernel = sockets === null ? null : socketsInWords(sockets);
  if (foreign && shared !== null)
    return { inEffect: shared ? "default" : "reuse_port", reason: kernel ?? "" };
  if (listener === null)
    return {
      inEffect: null,
      reason: because(obstacle ?? "the listener's configuration is not known", kernel),
    };
  if (listener.state !== "active") return { inEffect: null, reason: because(listener.problem, kernel) };
  if (!listener.bound) {
    const reason = "it has no socket of its own (bind_to_port: false): connections are handed over to it";
    // Envoy balances again at the hand-over, by the configuration of the listener that receives (envoy#15146).
    if (listener.mode === "exact_balance") return { inEffect: "exact_balance", reason };
    if (evidence.via == null) return { inEffect: null, reason };
    const accepted = judge({ ...evidence, listener: evidence.via, via: null }, shared);
    const by = evidence.via.name || evidence.via.address;
    return {
      inEffect: accepted.inEffect,
      reason: `${reason} by ${by}, which accepts them: ${accepted.reason}`,
    };
  }
  if (listener.mode === null)
    return {
      inEffect: null,
      reason: listener.problem ?? `${listener.address} is neither TCP nor a Unix domain socket`,
    };
  if (sockets !== null && sockets.sockets === 0)
    return { inEffect: null, reason: `the process does not listen on ${listener.address}` };
  if (workers === 1)
    return { inEffect: listener.mode, reason: because("with one worker there is nothing to decide", kernel) };
  if (listener.mode === "cpu_locality_balance") {
    const fallback = withoutSteering(evidence, shared);
    if (fallback !== null) return { ...fallback, reason: because(fallback.reason, kernel, listener.problem) };
  }
  if (listener.mode === "exact_balance" || listener.mode === "cpu_locality_balance") {
    // Tried on 1.40: such an update shows in /config_dump and drains nothing, and the balancing stays what it was.
    if (listener.dynamic && updatedInPlace)
      return {
        inEffect: null,
        reason: because(
          "configured, but Envoy has updated listeners in place, and then one keeps the balancing it began with",
          kernel,
          listener.problem,
        ),
      };
    if (listener.mode === "cpu_locality_balance")
      return {
        inEffect: "cpu_locality_balance",
        reason: because(
          "the active configuration says so and every worker is pinned to a CPU",
          kernel,
          listener.problem,
        ),
      };
    return {
      inEffect: "exact_balance",
      reason: because("the active configuration says so, the kernel cannot", kernel, listener.problem),
    };
  }
  if (shared === null)
    return { inEffect: null, reason: because(obstacle ?? "the sockets could not be seen", listener.problem) };
  return { inEffect: shared ? "default" : "reuse_port", reason: because(kernel, listener.problem) };
}

/** What cpu_locality_balance comes down to where what it needs is missing; `null` where nothing is known to be. */
function withoutSteering(
  { workers, pinned = null, steeringDenied = false }: Evidence,
  shared: boolean | null,
): { inEffect: Mode | null; reason: string } | null {
  if (shared === true)
    return { inEffect: "default", reason: "all workers share one socket, and it is not steered" };
  if (steeringDenied)
    return { inEffect: "reuse_port", reason: "Envoy's log says that its steering is not active" };
  if (pinned === null)
    return { inEffect: null, reason: "configured, but whether workers are pinned to CPUs is not known" };
  if (workers === null || pinned >= workers) return null;
  return {
    inEffect: "reuse_port",
    reason: `its steering is not active: ${pinned} of ${workers} workers are pinned to a CPU (enable_worker_cpu_affinity)`,
  };
}

function because(...parts: (string | null)[]): string {
  return parts.filter((part) => part !== null).join("; ");
}

function socketsInWords({ sockets, descriptors }: ListeningSockets): string {
  const on = descriptors === null ? "" : ` on ${descriptors} descriptor${descriptors === 1 ? "" : "s"}`;
  return sockets === 1
    ? `one listening socket${on}${descriptors === 1 ? "" : ", shared by the workers"}`
    : `${sockets} listening sockets${on}`;
}

/**
 * Whether connections were placed as exact_balance places them: each on a worker with the fewest. `null` where that
 * cannot be told, because connections closed meanwhile, or fewer than two a worker were placed.
 *
 * A worker that received one had the fewest then, and counts only grew since: it cannot be 2 above the fewest now.
 */
export function placedEvenly(before: ListenerCounts, after: ListenerCounts): boolean | null {
  const placed: number[] = [];
  const active: number[] = [];
  for (const [id, now] of after.workers) {
    const then = before.workers.get(id);
    if (now.active === null || now.opened === null || then?.active == null || then.opened === null)
      return null;
    if (now.opened - then.opened !== now.active - then.active) return null;
    placed.push(now.opened - then.opened);
    active.push(now.active);
  }
  if (placed.length < 2 || placed.reduce((sum, count) => sum + count, 0) < 2 * placed.length) return null;
  const fewest = Math.min(...active);
  return placed.every((count, i) => count === 0 || active[i]! <= fewest + 1);
}

/** The proof again, after watching connections being placed (`placedEvenly`). */
export function reviseProof(proof: ModeProof, evenly: boolean | null): ModeProof {
  if (proof.configured !== "exact_balance" || evenly === null) return proof;
  // Even placement proves nothing: over two workers, chance gives 16/16 to 32 connections one time in seven.
  if (evenly) return { ...proof, reason: `${proof.reason}; the connections of this run were placed so` };
  const inEffect = proof.reusePort === null ? null : proof.reusePort ? "reuse_port" : "default";
  return {
    ...proof,
    inEffect,
    reason: `the connections of this run were not placed on the worker with the fewest; ${proof.reason}`,
  };
}
