/** An Envoy of the user's configuration is ready when its admin says so and its listener accepts. */

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { MeshLoadError } from "../errors.ts";
import type { TargetPlan } from "../plan/plan.ts";
import { probe } from "./probe.ts";
import { untilReady } from "./until-ready.ts";

export interface BootstrapReadyOptions {
  /** Where Envoy writes the address of its admin. */
  readonly adminFile: string;
  /** The bootstrap, for messages. */
  readonly file: string;
  /** Envoy's name of the listener that is to be driven; `null` where it has one only. */
  readonly listener: string | null;
  readonly failed: Promise<never>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves with where to drive it. A listener without a name is called by a UUID in `/listeners`, and there alone: what is
 * watched is found by its address.
 *
 * @throws MeshLoadError ENVOY_FAILED where that takes more than 20 s, or what `failed` says; PLAN_IMPOSSIBLE where it is
 *   not clear which listener is meant; the signal's reason
 */
export async function bootstrapReady(
  options: BootstrapReadyOptions,
): Promise<Pick<TargetPlan, "url" | "admin">> {
  const { file, failed, signal } = options;
  return untilReady(() => accepts(options), {
    who: file,
    hint: "A cluster or a listener may wait for a control plane that does not answer.",
    failed: [failed],
    signal,
  });
}

async function accepts(options: BootstrapReadyOptions): Promise<Pick<TargetPlan, "url" | "admin">> {
  const admin = `http://${(await readFile(options.adminFile, "utf8")).trim()}`;
  const { status, body } = await probe(`${admin}/ready`);
  if (status !== 200) throw new Error(`its admin says ${body.trim()}`);
  const listeners = parseTcpListeners((await probe(`${admin}/listeners?format=json`)).body);
  const { host, port } = choose(listeners, options);
  const socket = connect(port, host);
  await once(socket, "connect");
  socket.destroy();
  return { url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/`, admin };
}

interface TcpListener {
  readonly name: string;
  /** Where to connect: of a wildcard address the loopback. */
  readonly host: string;
  readonly port: number;
}

const loopbackOf: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Of `/listeners`, which tells the port that was really bound. */
export function parseTcpListeners(json: string): TcpListener[] {
  const { listener_statuses: statuses = [] } = JSON.parse(json) as {
    listener_statuses?: readonly {
      name: string;
      local_address?: {
        socket_address?: { protocol?: string; address: string; port_value: number };
      };
    }[];
  };
  return statuses.flatMap(({ name, local_address }) => {
    const socket = local_address?.socket_address;
    if (socket === undefined || socket.protocol === "UDP") return [];
    return [{ name, host: loopbackOf[socket.address] ?? socket.address, port: socket.port_value }];
  });
}

function choose(
  listeners: readonly TcpListener[],
  { listener, file }: Pick<BootstrapReadyOptions, "listener" | "file">,
): TcpListener {
  const names = listeners.map(({ name }) => name).join(", ");
  const [first, second] = listeners.filter(({ name }) => listener === null || name === listener);
  if (first !== undefined && second === undefined) return first;
  if (listeners.length === 0) throw new Error("it has no TCP listener");
  throw new MeshLoadError(
    "PLAN_IMPOSSIBLE",
    listener === null
      ? `${file} has several listeners, and -listener names none of them`
      : `${file} has no listener called ${listener}`,
    { hint: `Give -listener one of ${names}.` },
  );
}
