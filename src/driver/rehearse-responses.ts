/**
 * A rehearsal of the driver thread before its load, on connections to itself. Code that has never run is slow, Node's and
 * ours alike, and is compiled on the very processors that the first requests need: at 200 requests a second that would be
 * the whole of a short run.
 */

import { once } from "node:events";
import { writeSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { monotonicUs } from "../clock.ts";
import { cannedHttp1, cannedHttp2 } from "./canned-responses.ts";
import type { Turn } from "./connections.ts";
import { borrow, giveBack } from "./lent-slots.ts";
import type { LentSlots } from "./lent-slots.ts";
import type { ThreadPlan } from "./messages.ts";
import { createCounters, progressOf } from "./progress.ts";
import type { Counters, Progress } from "./progress.ts";
import { openSockets } from "./socket.ts";
import { assemble, fastConnector } from "./thread-parts.ts";

/** So many that V8 has compiled what they use. */
const rehearsed = 1000;

/** More than one, with a request in flight on each, as in a load. */
const slots = [0, 1];

/** Where a thread meets itself. */
const host = "127.0.0.1";

/**
 * Takes requests through the fast client, its parser and the recorder, each answered at once, until `endUs` at the latest;
 * tells what became of them. Where this machine has no connection to itself, it does without.
 */
export async function rehearseResponses(plan: ThreadPlan, endUs: number): Promise<Progress> {
  const counters = createCounters();
  const server = createServer({ noDelay: true });
  try {
    await once(server.listen(0, host), "listening");
    await rehearse(plan, { server, counters, endUs });
  } catch {
    // The load comes to no harm: its first requests will be slower.
  }
  server.close();
  return progressOf([counters]);
}

interface Stage {
  readonly server: Server;
  readonly counters: Counters;
  readonly endUs: number;
}

async function rehearse(plan: ThreadPlan, { server, counters, endUs }: Stage): Promise<void> {
  const request = plan.requests[0]!;
  const canned = plan.load.protocol === "h2" ? cannedHttp2 : cannedHttp1;
  const { port } = server.address() as AddressInfo;
  const { connections, lent } = assemble(asRehearsed(plan, { port, counters }), {
    connector: fastConnector,
    openSockets,
    readings: null,
    onStop: () => {},
  });
  const [opened, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const timer = setTimeout(over.resolve, Math.max(0, (endUs - monotonicUs()) / 1e3));
  const answers: (() => void)[] = [];
  let begun = 0;
  const exchange = (): void => {
    if (counters[0]! < begun) return;
    if (begun >= rehearsed || monotonicUs() >= endUs) return over.resolve();
    for (const slot of slots) {
      begun++;
      if (lent === null || !sendAsSender(lent, slot, request.bytes)) connections.fire(slot, monotonicUs());
    }
    for (const answer of answers) answer();
    connections.turn = begun < rehearsed / 4 ? first : second;
  };
  // The load has functions of its own here: V8 compiles a call for the one that it knows, and anew for another.
  const first: Turn = { readDone: exchange, freed: () => {} };
  const second: Turn = { readDone: () => exchange(), freed: () => {} };
  server.on("connection", async (peer) => {
    const { greeting, next } = canned(request.isHead);
    // What it will be asked is known.
    peer.on("error", over.resolve).resume();
    if (greeting.length > 0) peer.write(greeting);
    answers.push(() => peer.write(next()));
    if (answers.length < slots.length) return;
    await opened.promise;
    exchange();
  });
  connections.startedAtUs = -Infinity;
  connections.awaitOpening(slots, ([failure]) => (failure === undefined ? opened : over).resolve());
  connections.openAll();
  await over.promise;
  clearTimeout(timer);
  connections.closeAll();
}

/** The plan of connections that are kept alive, whose every answer is welcome: of several kinds of request, the first. */
function asRehearsed(
  plan: ThreadPlan,
  { port, counters }: { readonly port: number; readonly counters: Counters },
): ThreadPlan {
  const { load, schedule } = plan;
  return {
    ...plan,
    addresses: { hosts: [host], port },
    requests: plan.requests.slice(0, 1),
    load: {
      ...load,
      requests: [],
      keepalive: true,
      connectionReuse: null,
      abortOn: null,
      allowInitialErrors: true,
      localAddresses: [],
    },
    schedule: { ...schedule, positions: slots.map((slot) => [slot]), cycle: slots.length, limit: rehearsed },
    tls: null,
    counters,
  };
}

/** Writes a request to a slot's connection as the sender would; false where it was not lent. */
function sendAsSender(lent: LentSlots, slot: number, request: Uint8Array): boolean {
  if (!borrow(lent, slot)) return false;
  lent.dueUs[slot] = lent.actedUs[slot] = monotonicUs();
  lent.written[slot] = writeSync(lent.descriptor[slot]!, request);
  giveBack(lent, slot);
  return true;
}
