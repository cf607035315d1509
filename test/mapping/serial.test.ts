import * as fc from "fast-check";
import { expect, test } from "vitest";
import { startSerial } from "../../src/mapping/serial.ts";
import { simulateListener } from "./simulated-listener.ts";
import type { Neighbour } from "./simulated-listener.ts";

async function serial(options: {
  readonly ours: readonly number[];
  readonly others?: readonly number[];
  readonly neighbours?: readonly Neighbour[];
  readonly delays?: readonly number[];
}) {
  const { ours, delays, ...rest } = options;
  const listener = simulateListener({ workers: 4, ...rest, delayMs: (id) => delays?.[id] ?? 0 });
  const mapper = await startSerial(listener);
  for (const [id, worker] of ours.entries()) {
    listener.openOn(id, worker);
    await mapper.opened({ id });
  }
  return mapper.settle();
}

// Doubles of fast-check crowd near zero; moments must not.
const tenths = (maxMs: number) => fc.integer({ min: 0, max: maxMs * 10 }).map((tenth) => tenth / 10);
const placed = fc.record({
  ours: fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }),
  others: fc.array(fc.nat(5), { minLength: 4, maxLength: 4 }),
  delays: fc.array(tenths(15), { minLength: 60, maxLength: 60 }),
});
const neighbours = fc.array(
  fc.record({
    atMs: tenths(200),
    worker: fc.nat(3),
    change: fc.constantFrom(1 as const, -1 as const),
  }),
  { maxLength: 20 },
);

test("recovers any placement exactly where nobody else connects", async () => {
  await fc.assert(
    fc.asyncProperty(placed, async (placement) => {
      const { workerOf, obstacle } = await serial(placement);
      expect([...workerOf]).toEqual([...placement.ours.entries()]);
      expect(obstacle).toBeNull();
    }),
  );
});

test("names no wrong worker where other clients connect at any moment", async () => {
  await fc.assert(
    fc.asyncProperty(placed, neighbours, async (placement, neighbours) => {
      const { workerOf } = await serial({ ...placement, neighbours });
      expect([...workerOf].filter(([id, worker]) => placement.ours[id] !== worker)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test("knows again what it opens after the other client came", async () => {
  const ours = Array.from({ length: 20 }, (_, id) => id % 4);
  const { workerOf, obstacle } = await serial({ ours, neighbours: [{ atMs: 4.2, worker: 2, change: 1 }] });
  expect([...workerOf]).toEqual([...ours.entries()].slice(-workerOf.size));
  expect(workerOf.size).toBe(12);
  expect(obstacle).toBe("other clients opened connections meanwhile");
});

test("holds up no opening where the admin fails, and says so", async () => {
  const mapper = await startSerial({
    readTotal: () => Promise.reject(new Error("connection refused")),
    wait: async () => undefined,
  });
  for (let id = 0; id < 5; id++) await mapper.opened({ id });
  expect(await mapper.settle()).toEqual({
    workerOf: new Map(),
    obstacle: "the admin failed: connection refused",
  });
});
