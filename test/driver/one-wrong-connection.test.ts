import type { Socket } from "node:net";
import { describe, expect, test, vi } from "vitest";
import type { LoadPlan } from "../../src/plan/plan.ts";
import * as behaviours from "../servers/behaviours.ts";
import { startServer } from "../servers/start-server.ts";
import type { Behaviour } from "../servers/start-server.ts";
import { drive, outcomes } from "./drive.ts";
import { wrongServers } from "./wrong-servers.ts";

/** Does wrong on the first connection, and right on all others. */
function onFirstConnection(wrong: Behaviour): Behaviour {
  const right = behaviours.answersOk();
  let first: Socket | null = null;
  return {
    onConnection: (socket) => {
      first ??= socket;
      if (socket === first) wrong.onConnection?.(socket);
    },
    onRequest: (socket, request) => (socket === first ? wrong : right).onRequest?.(socket, request),
  };
}

/** What becomes of the one request on the connection that does wrong; the slot goes on with another connection. */
const cases: readonly (readonly [what: string, behaviour: Behaviour, fast: string, standard: string])[] = [
  // What it needs time for has a test of its own.
  ...wrongServers
    .filter(([what]) => what !== "closes between requests")
    .map(([what, behaviour, fast, standard = fast]) => {
      const [[ours], [theirs]] = [Object.keys(fast), Object.keys(standard)];
      return [what, behaviour, ours!, theirs!] as const;
    }),
  ["speaks before it is asked", behaviours.unaskedOnConnection, "200", "200"],
  ["speaks when nobody asked", behaviours.unaskedLater(5), "200", "200"],
  ["sends interim responses without end", behaviours.endlessInterim, "protocol", "protocol"],
  ["sends a body without end", behaviours.endlessBody, "timeout", "timeout"],
];

const quick: Partial<LoadPlan> = { qps: 200, connections: 4, durationUs: 300_000 };

describe.each<[how: string, plan: Partial<LoadPlan>]>([
  ["by the sender", {}],
  [
    "by the driver thread",
    { request: { method: "POST", headers: [], body: Buffer.alloc(20_000, "x").toString("base64") } },
  ],
  ["by the standard client", { client: "standard" }],
])("beside a connection, written %s, whose server", (_, plan) => {
  test.concurrent.each(cases)(
    "%s, the other connections are unharmed",
    async (_what, behaviour, fast, standard) => {
      await using server = await startServer(onFirstConnection(behaviour));
      const outcome = plan.client === "standard" ? standard : fast;
      // Where something has to run out, time enough to go on after that; 60 requests all the same.
      const times: Partial<LoadPlan> =
        outcome === "timeout" ? { qps: 25, durationUs: 2.4e6, timeoutUs: 1e6 } : { timeoutUs: 5e6 };
      const load = await drive(server.url, { ...quick, ...plan, ...times });
      expect(outcomes(load.samples)).toEqual(outcome === "200" ? { 200: 60 } : { 200: 59, [outcome]: 1 });
      // Bare LF is all that we take as it is.
      const kept = behaviour === behaviours.lineFeedOnly && outcome === "200";
      expect([server.connections, load.connections.length]).toEqual(kept ? [4, 4] : [5, 5]);
      await vi.waitFor(() => expect(server.open).toBe(0), { timeout: 10_000 });
    },
  );
});
