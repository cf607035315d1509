import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import {
  borrow,
  createLentSlots,
  giveBack,
  hold,
  inFlight,
  lend,
  occupy,
  recall,
  sentSlots,
} from "../../src/driver/lent-slots.ts";

test("a slot belongs to the driver until it is lent, and again once it is recalled", () => {
  const slots = createLentSlots(1);
  expect(borrow(slots, 0)).toBe(false);
  lend(slots, 0, 7);
  expect(slots.descriptor[0]).toBe(7);
  expect(recall(slots, 0)).toBe(false);
  expect(borrow(slots, 0)).toBe(false);
});

test("a request that the sender has sent is told once", () => {
  const slots = createLentSlots(1);
  lend(slots, 0, 7);
  expect(borrow(slots, 0)).toBe(true);
  expect(borrow(slots, 0)).toBe(false);
  giveBack(slots, 0);
  expect(inFlight(slots, 0)).toBe(true);
  expect(recall(slots, 0)).toBe(true);
  expect(recall(slots, 0)).toBe(false);
  expect(inFlight(slots, 0)).toBe(true);
  hold(slots, 0);
  expect(inFlight(slots, 0)).toBe(false);
  occupy(slots, 0);
  expect(inFlight(slots, 0)).toBe(true);
});

test("what has been sent is listed in the order of its time, not of its slot", () => {
  const slots = createLentSlots(4);
  for (const [slot, atUs] of [
    [0, 30],
    [1, 10],
    [3, 20],
  ] as const) {
    lend(slots, slot, slot);
    borrow(slots, slot);
    slots.actedUs[slot] = atUs;
    giveBack(slots, slot);
  }
  expect(sentSlots(slots)).toEqual([1, 3, 0]);
});

test("two threads at once: no descriptor is used after it was recalled, and no request is lost or told twice", async () => {
  const slots = createLentSlots(3);
  const done = new Int32Array(new SharedArrayBuffer(12));
  const sender = new Worker(new URL("./lent-slots-sender.ts", import.meta.url), {
    workerData: { slots, done },
  });
  const ended = new Promise((resolve, reject) => sender.once("exit", resolve).once("error", reject));
  const closed = -1;
  let told = 0;
  let descriptor = 1;
  for (let round = 0; Atomics.load(done, 2) === 0 || round < 100_000; round++) {
    const slot = round % 3;
    if (recall(slots, slot)) told++;
    // Between recall and lend the connection is ours: here its descriptor is closed, and another one opened.
    slots.descriptor[slot] = closed;
    if (round % 5 === 0) occupy(slots, slot);
    else if (round % 7 === 0) hold(slots, slot);
    else lend(slots, slot, descriptor++);
    // Now and then the sender gets its turn.
    if (round % 64 === 0) Atomics.wait(done, 2, 0, 0.01);
  }
  await ended;
  for (let slot = 0; slot < 3; slot++) if (recall(slots, slot)) told++;
  const [sent, wrong] = done;
  expect(wrong).toBe(0);
  expect(sent).toBeGreaterThanOrEqual(20_000);
  expect(told).toBe(sent);
});
