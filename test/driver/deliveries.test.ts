import fc from "fast-check";
import { expect, test } from "vitest";
import {
  cellOctets,
  createDeliveries,
  deliver,
  nextCell,
  takeDeliveries,
} from "../../src/driver/deliveries.ts";
import type { Deliveries } from "../../src/driver/deliveries.ts";

interface Delivery {
  readonly slot: number;
  readonly lending: number;
  readonly octets: readonly number[];
  readonly receivedUs: number;
}

/** What the sender does with a reading; false where there is no room. */
function fill(deliveries: Deliveries, { slot, lending, octets, receivedUs }: Delivery): boolean {
  const cell = nextCell(deliveries);
  if (cell < 0) return false;
  deliveries.octets.set(octets, cell * cellOctets);
  deliver(deliveries, slot, lending, octets.length, receivedUs);
  return true;
}

function taken(deliveries: Deliveries): Delivery[] {
  const all: Delivery[] = [];
  takeDeliveries(deliveries, (slot, lending, start, count, receivedUs) => {
    all.push({ slot, lending, octets: [...deliveries.octets.subarray(start, start + count)], receivedUs });
  });
  return all;
}

const delivery = fc.record({
  slot: fc.nat(1000),
  lending: fc.nat(1000),
  octets: fc.array(fc.nat(255), { maxLength: 8 }),
  receivedUs: fc.double({ noNaN: true }),
});

test("everything comes out once, whole and in order, also where the counts go round", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.array(fc.array(delivery, { maxLength: 400 }), { maxLength: 5 }),
      (first, batches) => {
        const deliveries = createDeliveries();
        deliveries.counts.fill(first);
        for (const batch of batches) {
          for (const one of batch) expect(fill(deliveries, one)).toBe(true);
          expect(taken(deliveries)).toEqual(batch);
        }
      },
    ),
    { numRuns: 20 },
  );
});

const of = (slot: number): Delivery => ({ slot, lending: 1, octets: [slot % 256], receivedUs: slot / 8 });

test("a full ring takes nothing more until something was taken, and overwrites nothing", () => {
  const deliveries = createDeliveries();
  let fits = 0;
  while (fill(deliveries, of(fits))) fits++;
  expect(fits).toBe(512);
  expect(taken(deliveries)).toEqual(Array.from({ length: fits }, (_, slot) => of(slot)));
  expect(fill(deliveries, of(7))).toBe(true);
  expect(taken(deliveries)).toEqual([of(7)]);
});

test("a cell is not filled anew while it is taken", () => {
  const deliveries = createDeliveries();
  const one: Delivery = { slot: 1, lending: 1, octets: [1], receivedUs: 1 };
  while (fill(deliveries, one));
  let first = true;
  takeDeliveries(deliveries, () => {
    if (first) expect(fill(deliveries, one)).toBe(false);
    first = false;
  });
});
