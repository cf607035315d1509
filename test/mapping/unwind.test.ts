import * as fc from "fast-check";
import { expect, test } from "vitest";
import { mapByUnwind } from "../../src/mapping/unwind.ts";
import { simulateListener } from "./simulated-listener.ts";

type Simulation = Parameters<typeof simulateListener>[0];

const unwind = (simulation: Simulation) => {
  const ours = simulation.ours ?? [];
  return mapByUnwind({
    connections: ours.map((_, id) => ({ id })),
    open: ours.length,
    ...simulateListener(simulation),
  });
};

const wrong = (workerOf: ReadonlyMap<number, number>, ours: readonly number[]) =>
  [...workerOf].filter(([id, worker]) => ours[id] !== worker);

// Doubles of fast-check crowd near zero; moments must not.
const tenths = (maxMs: number) => fc.integer({ min: 0, max: maxMs * 10 }).map((tenth) => tenth / 10);
const workers = fc.integer({ min: 1, max: 8 });
const placed = workers.chain((count) =>
  fc.record({
    workers: fc.constant(count),
    ours: fc.array(fc.integer({ min: 0, max: count - 1 }), { minLength: 1, maxLength: 60 }),
    others: fc.array(fc.nat(5), { minLength: count, maxLength: count }),
    neighbours: fc.array(
      fc.record({
        atMs: tenths(400),
        worker: fc.integer({ min: 0, max: count - 1 }),
        change: fc.constantFrom(1 as const, -1 as const),
      }),
      { maxLength: 80 },
    ),
    delays: fc.array(tenths(30), { minLength: 60, maxLength: 60 }),
  }),
);

test("recovers any placement exactly where nobody else comes or goes, however late closings are counted", async () => {
  await fc.assert(
    fc.asyncProperty(placed, async ({ delays, ...simulation }) => {
      const { workerOf, unclear, obstacle } = await unwind({
        ...simulation,
        neighbours: [],
        delayMs: (id) => delays[id]! / 1000,
      });
      expect([...workerOf.entries()]).toEqual([...simulation.ours.entries()]);
      expect([unclear, obstacle]).toEqual([0, null]);
    }),
  );
});

test("names no wrong worker where other clients come and go at any moment", async () => {
  await fc.assert(
    fc.asyncProperty(placed, async ({ delays, ...simulation }) => {
      const { workerOf, unclear } = await unwind({ ...simulation, others: [], delayMs: (id) => delays[id]! });
      expect(wrong(workerOf, simulation.ours)).toEqual([]);
      expect(unclear).toBe(simulation.ours.length - workerOf.size);
    }),
    { numRuns: 500 },
  );
});

test("is sure again as soon as the other client has gone", async () => {
  const ours = Array.from({ length: 40 }, (_, id) => id % 3);
  const neighbours = [
    { atMs: 5.2, worker: 1, change: 1 },
    { atMs: 9.7, worker: 1, change: -1 },
  ] as const;
  const { workerOf, unclear } = await unwind({ workers: 3, ours, neighbours });
  expect(wrong(workerOf, ours)).toEqual([]);
  expect(unclear).toBe(0);
});

test("names no wrong worker where other clients hold connections, come and go", async () => {
  await fc.assert(
    fc.asyncProperty(placed, fc.nat(3), async ({ delays, neighbours, ...simulation }, kept) => {
      const few = neighbours
        .slice(0, kept)
        .map(({ atMs, worker, change }) => ({ atMs: 200 + atMs / 10, worker, change }));
      const { workerOf } = await unwind({ ...simulation, neighbours: few, delayMs: (id) => delays[id]! / 5 });
      expect(wrong(workerOf, simulation.ours)).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

test("names no wrong worker where a worker stalls for just longer than patience lasts", async () => {
  // The closing of 0 is counted while that of 1 is awaited.
  const ours = [0, 1, 1, 0];
  for (const others of [
    [0, 0],
    [2, 1],
  ])
    for (let stallMs = 195; stallMs < 225; stallMs += 0.1) {
      const delayMs = (id: number): number => [stallMs, 20][id] ?? 0;
      const { workerOf } = await unwind({ workers: 2, ours, others, delayMs });
      expect(wrong(workerOf, ours)).toEqual([]);
    }
});

test("is not misled by another client that closes one connection and opens another at the worst moment", async () => {
  // The count of worker 1 drops by one and the sum is right, but ours was on worker 0.
  for (let atMs = 190; atMs < 230; atMs += 0.1) {
    const neighbours = [
      { atMs, worker: 1, change: -1 },
      { atMs, worker: 0, change: 1 },
    ] as const;

    const { workerOf } = await unwind({ workers: 2, ours: [0, 0, 0], others: [0, 3], neighbours });
    expect(wrong(workerOf, [0, 0, 0])).toEqual([]);
  }
});

test("beside clients that hold connections it needs to know that the listener accepted nobody", async () => {
  const ours = [0, 1, 1];
  const listener = simulateListener({ workers: 2, ours, others: [2, 0] });
  const connections = ours.map((_, id) => ({ id }));
  const answer = await mapByUnwind({ connections, open: 3, ...listener, readTotal: null });
  expect(answer).toEqual({
    workerOf: new Map(),
    unclear: 3,
    obstacle: "other clients used the listener meanwhile",
  });
});

test("gives up where the listener counts fewer connections than are open, and closes none", async () => {
  const closed: number[] = [];
  const { readActive, wait } = simulateListener({ workers: 2, ours: [0, 1] });
  const answer = await mapByUnwind({
    connections: [{ id: 0 }, { id: 1 }, { id: 2 }],
    open: 3,
    readActive,
    readTotal: null,
    wait,
    close: async (id) => void closed.push(id),
  });
  expect(answer).toEqual({
    workerOf: new Map(),
    unclear: 3,
    obstacle: "the listener counts fewer connections than we hold open",
  });
  expect(closed).toEqual([]);
});

test("keeps what it saw for certain when the admin fails midway", async () => {
  const ours = [1, 0, 1, 1];
  const listener = simulateListener({ workers: 2, ours });
  let readings = 0;
  const answer = await mapByUnwind({
    connections: ours.map((_, id) => ({ id })),
    open: ours.length,
    ...listener,
    readActive: () =>
      ++readings > 3 ? Promise.reject(new Error("connection refused")) : listener.readActive(),
  });
  expect([...answer.workerOf]).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect(answer.unclear).toBe(2);
  expect(answer.obstacle).toBe("the admin failed: connection refused");
});

test("asks a bounded number of times where no closing is ever counted", async () => {
  let asked = 0;
  const listener = simulateListener({ workers: 2, ours: [0, 1, 0, 1, 0, 1], delayMs: () => 1e9 });
  const { workerOf } = await mapByUnwind({
    connections: [0, 1, 2, 3, 4, 5].map((id) => ({ id })),
    open: 6,
    ...listener,
    readActive: () => {
      asked += 1;
      return listener.readActive();
    },
  });
  expect(workerOf.size).toBe(0);
  // One to start, 11 in patience for the first closing, 3 for each of the others, one to end.
  expect(asked).toBeLessThanOrEqual(1 + 11 + 5 * 3 + 1);
});
