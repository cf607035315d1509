import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/random.ts";
import { okResponse } from "../servers/behaviours.ts";
import { startServer } from "../servers/start-server.ts";
import { drive, outcomes } from "./drive.ts";

test.each([1, 2])(
  "a server that answers late, closes and resets as it likes: nothing is lost, nothing counted twice (%i threads)",
  { timeout: 30_000 },
  async (threads) => {
    const random = seededRandom(7, "unruly");
    let answered = 0;
    await using server = await startServer({
      onRequest: async (socket) => {
        const choice = random();
        if (choice < 0.1) socket.end();
        else if (choice < 0.2) socket.resetAndDestroy();
        else {
          if (choice < 0.4) await sleep(random() * 20);
          if (!socket.writable) return;
          answered++;
          if (choice < 0.6) socket.end(okResponse());
          else socket.write(okResponse());
          if (choice > 0.9) {
            await sleep(random() * 10);
            socket.end();
          }
        }
      },
    });
    const load = await drive(server.url, {
      qps: 2000,
      connections: 16,
      exactly: 2000,
      threads,
      timeoutUs: 5e6,
    });
    const { 200: ok, reset = 0, "closed-early": closedEarly = 0, ...rest } = outcomes(load.samples);
    expect(rest).toEqual({});
    expect(ok).toBe(answered);
    expect(ok! + reset + closedEarly).toBe(2000);
    expect(server.requests).toBeLessThanOrEqual(2000);
    expect(load.samples.lagUs.every((lagUs) => lagUs >= 0)).toBe(true);
    await expect.poll(() => server.open).toBe(0);
  },
);
