/** Everybody that takes part, mesh-load first. */

import { autocannon } from "./autocannon.ts";
import { fortio } from "./fortio.ts";
import { h2load } from "./h2load.ts";
import { hey } from "./hey.ts";
import { k6 } from "./k6.ts";
import { meshLoad } from "./mesh-load.ts";
import { oha } from "./oha.ts";
import type { Peer } from "./peer.ts";
import { wrk } from "./wrk.ts";

export const peers: readonly Peer[] = [meshLoad, fortio, wrk, h2load, oha, hey, autocannon, k6];

/** A peer with a choice of its options, under a name of its own. */
export interface Entrant {
  readonly name: string;
  readonly peer: Peer;
  readonly extra: readonly string[];
}

const entrant = (peer: Peer, ...extra: string[]): Entrant => ({
  name: [peer.name, ...extra].join(" "),
  peer,
  extra,
});

/** Every peer with its defaults. */
export const everybody: readonly Entrant[] = peers.map((peer) => entrant(peer));

export const coarse = entrant(meshLoad, "-pacing", "coarse");
export const spin = entrant(meshLoad, "-pacing", "spin");
export const fortioUniform = entrant(fortio, "-uniform");
