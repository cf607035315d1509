/**
 * A rehearsal of the driver thread before its load, in memory. Code that has never run is slow, and is compiled on the very
 * processors that the first requests need: at 200 requests a second that would be the whole of a short run.
 */

import { monotonicUs } from "../clock.ts";
import { cannedHttp1, cannedHttp2 } from "./canned-responses.ts";
import { LentSocket } from "./lent-socket.ts";
import { borrow, giveBack } from "./lent-slots.ts";
import type { ThreadPlan } from "./messages.ts";
import { createCounters, progressOf } from "./progress.ts";
import type { Progress } from "./progress.ts";
import type { OpenSockets, Reading } from "./socket.ts";
import { assemble, fastConnector } from "./thread-parts.ts";

/** So many that V8 has compiled what they use. */
const rehearsed = 1000;
const usuallyLongestUs = 30_000;

/** A connection that takes what is written and has no peer. */
class DeafSocket extends LentSocket {
  override get descriptor(): number {
    return 0;
  }

  override write(): boolean {
    return true;
  }
}

const nobodyReads: NonNullable<Reading["read"]> = () => {};

/** Takes requests through the fast client, its parser and the recorder, each answered at once; tells what became of them. */
export function rehearseResponses(plan: ThreadPlan, longestUs = usuallyLongestUs): Progress {
  const { load, schedule } = plan;
  const counters = createCounters();
  let read = nobodyReads;
  const socket = new DeafSocket({}, () => {});
  const openSockets: OpenSockets = (_, __, reading) => {
    read = reading?.read ?? read;
    return { aim: () => 0, open: () => socket };
  };
  const { connections, lent } = assemble(
    {
      ...plan,
      // Of several kinds of request, the first.
      requests: plan.requests.slice(0, 1),
      load: {
        ...load,
        requests: [],
        keepalive: true,
        connectionReuse: null,
        abortOn: null,
        allowInitialErrors: true,
      },
      schedule: { ...schedule, positions: [[0]], cycle: 1, limit: rehearsed },
      tls: null,
      counters,
    },
    { connector: fastConnector, openSockets, onStop: () => {} },
  );
  connections.startedAtUs = -Infinity;
  connections.openAll();
  socket.emit("connect");
  const canned = (load.protocol === "h2" ? cannedHttp2 : cannedHttp1)(plan.requests[0]!.isHead);
  if (canned.greeting.length > 0) read(canned.greeting.length, canned.greeting);
  const endUs = monotonicUs() + longestUs;
  for (let request = 0; request < rehearsed && monotonicUs() < endUs; request++) {
    const nowUs = monotonicUs();
    if (lent !== null && borrow(lent, 0)) {
      lent.dueUs[0] = lent.actedUs[0] = nowUs;
      lent.written[0] = plan.requests[0]!.bytes.length;
      giveBack(lent, 0);
    } else connections.fire(0, nowUs);
    const response = canned.next();
    read(response.length, response);
  }
  connections.closeAll();
  return progressOf([counters]);
}
