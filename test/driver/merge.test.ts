import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeReports } from "../../src/driver/merge.ts";
import type { ThreadReport } from "../../src/driver/messages.ts";
import { noConnection } from "../../src/result/load.ts";

const context = { startedAtUs: 1000, plannedUs: null, driverCpuS: 1, openFailures: {}, stopped: null };

/** A report whose sample i has latency i + thread/10 and came from the connection of row i % connections. */
function report(thread: number, samples: number, connections: number): ThreadReport {
  const index = Array.from({ length: samples }, (_, i) => i);
  return {
    samples: {
      count: samples,
      latencyUs: Float32Array.from(index, (i) => i + thread / 8),
      blockedUs: Float32Array.from(index, () => 0),
      lagUs: Float32Array.from(index, () => 1),
      connection: Uint32Array.from(index, (i) => (i % 7 === 6 ? noConnection : i % connections)),
      second: Uint32Array.from(index, (i) => Math.floor(i / 10)),
      outcome: Uint16Array.from(index, () => 200),
    },
    connections: Array.from({ length: connections }, (_, row) => ({
      id: row * 3 + thread,
      slot: row * 3 + thread,
      thread,
      localPort: 40_000 + row,
      localAddress: "127.0.0.1",
      remoteAddress: "127.0.0.1",
      openedAtUs: 0,
      closedAtUs: null,
      retired: false,
      connectTimeUs: 1,
      tlsTimeUs: null,
      resumed: false,
      headerWorker: null,
    })),
    requestKinds: [],
    tlsFailures: { refused: 1, [`of ${thread}`]: 2 },
    skipped: thread,
    warmup: { sent: 3, answered: 2, redirects: thread },
    redirects: 10 * thread,
    kernelTimed: 7 * thread,
    bytesSent: 10,
    bytesReceived: 20,
    cutShort: false,
    endedAtUs: 5000 + thread,
    busy: 0.1 * (thread + 1),
  };
}

test("loses no sample and keeps each with its own connection", () => {
  const size = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 3 }), (sizes) => {
      const reports = sizes.map(([samples, connections], thread) => report(thread, samples, connections));
      const { samples, connections } = mergeReports(reports, context);
      expect(samples.count).toBe(sizes.reduce((sum, [count]) => sum + count, 0));
      const seen = [...samples.latencyUs].map((latencyUs, i) => {
        const row = samples.connection[i]!;
        return `${latencyUs} ${row === noConnection ? "none" : connections[row]!.id}`;
      });
      const expected = reports.flatMap((part, thread) =>
        [...part.samples.latencyUs].map((latencyUs, i) => {
          const row = part.samples.connection[i]!;
          return `${latencyUs} ${row === noConnection ? "none" : row * 3 + thread}`;
        }),
      );
      expect(seen.sort()).toEqual(expected.sort());
    }),
  );
});

test("adds the counts up, and lasts until the last thread has ended", () => {
  const load = mergeReports([report(0, 3, 1), report(1, 4, 2), report(2, 5, 3)], context);
  expect(load).toMatchObject({
    skipped: 3,
    redirects: 30,
    kernelTimed: 21,
    warmup: { sent: 9, answered: 6, redirects: 3 },
    bytesSent: 30,
    bytesReceived: 60,
    durationUs: 4002,
    stop: null,
  });
  expect(load.connections.length).toBe(6);
});

test("knows the busiest of its threads", () => {
  const reports = [report(0, 3, 1), { ...report(1, 3, 1), busy: 0.7 }, report(2, 3, 1)];
  expect(mergeReports(reports, context).busiestThread).toBe(0.7);
});

test("ends with what stopped it, before which it has its planned time", () => {
  const cut = [report(0, 3, 1), { ...report(1, 3, 1), cutShort: true }];
  const stop = { code: "interrupted", message: "interrupted" } as const;
  const durationOf = (atUs: number, plannedUs: number | null) =>
    mergeReports(cut, { ...context, plannedUs, stopped: { stop, atUs } }).durationUs;
  expect(durationOf(3500, null)).toBe(2500);
  expect(durationOf(3500, 9000)).toBe(2500);
  // While only what was in flight was waited for, or before the load began.
  expect(durationOf(3500, 2000)).toBe(2000);
  expect(durationOf(500, 9000)).toBe(0);
  // All had ended.
  const late = { ...context, plannedUs: 2000, stopped: { stop, atUs: 3500 } };
  expect(mergeReports([report(0, 3, 1)], late)).toMatchObject({ stop: null, durationUs: 2000 });
});
