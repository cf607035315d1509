import fc from "fast-check";
import { expect, test } from "vitest";
import { append, createHandOver, takeAll } from "../../src/driver/hand-over.ts";
import type { HandOver } from "../../src/driver/hand-over.ts";

function taken(handOver: HandOver): [slot: number, dueUs: number][] {
  const all: [number, number][] = [];
  takeAll(handOver, (slot, dueUs) => void all.push([slot, dueUs]));
  return all;
}

test("everything comes out once and in order, also where the counts go round", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.array(fc.nat(3000), { minLength: 5, maxLength: 15 }),
      (first, batches) => {
        const handOver = createHandOver();
        handOver.counts.fill(first);
        let number = 0;
        for (const size of batches) {
          const batch = Array.from({ length: size }, (): [number, number] => [number++ % 1000, number / 8]);
          for (const [slot, dueUs] of batch) expect(append(handOver, slot, dueUs)).toBe(true);
          expect(taken(handOver)).toEqual(batch);
        }
      },
    ),
    { numRuns: 20 },
  );
});

test("a full ring takes nothing more until something was taken, and loses nothing", () => {
  const handOver = createHandOver();
  let fits = 0;
  while (append(handOver, fits, fits * 10)) fits++;
  expect(fits).toBe(1 << 14);
  expect(append(handOver, 1, 1)).toBe(false);
  const all = taken(handOver);
  expect(all.length).toBe(fits);
  expect(all.every(([slot, dueUs], index) => slot === index && dueUs === index * 10)).toBe(true);
  expect(append(handOver, 5, 50)).toBe(true);
  expect(taken(handOver)).toEqual([[5, 50]]);
});

test("what is appended while taking is taken too", () => {
  const handOver = createHandOver();
  append(handOver, 1, 10);
  const seen: number[] = [];
  takeAll(handOver, (slot) => {
    seen.push(slot);
    if (slot < 4) append(handOver, slot + 1, 0);
  });
  expect(seen).toEqual([1, 2, 3, 4]);
});
