import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import {
  beginReading,
  createLentReading,
  endReading,
  forgetReading,
  giveBackReading,
  lendReading,
  takeBackReading,
} from "../../src/driver/lent-reading.ts";

test("the sender reads what it was lent, until it is taken back or it gives it back", () => {
  const reading = createLentReading(2);
  expect(beginReading(reading, 1)).toBe(false);
  lendReading(reading, 1, 7);
  expect(reading.descriptor[1]).toBe(7);
  for (let round = 0; round < 2; round++) {
    expect(beginReading(reading, 1)).toBe(true);
    expect(beginReading(reading, 1)).toBe(false);
    endReading(reading, 1);
  }
  takeBackReading(reading, 1);
  expect(beginReading(reading, 1)).toBe(false);
  lendReading(reading, 1, 8);
  expect(beginReading(reading, 1)).toBe(true);
  giveBackReading(reading, 1);
  expect(beginReading(reading, 1)).toBe(false);
  takeBackReading(reading, 1);
  expect(beginReading(reading, 0)).toBe(false);
});

test("what was read is of another connection after each lending, and after each close", () => {
  const reading = createLentReading(1);
  const seen = [reading.lending[0]];
  lendReading(reading, 0, 7);
  seen.push(reading.lending[0]);
  takeBackReading(reading, 0);
  expect(reading.lending[0]).toBe(seen[1]);
  forgetReading(reading, 0);
  seen.push(reading.lending[0]);
  lendReading(reading, 0, 7);
  seen.push(reading.lending[0]);
  expect(new Set(seen).size).toBe(4);
});

test("two threads at once: no descriptor is read from once it was taken back", async () => {
  const reading = createLentReading(3);
  const done = new Int32Array(new SharedArrayBuffer(12));
  const sender = new Worker(new URL("./lent-reading-sender.ts", import.meta.url), {
    workerData: { reading, done },
  });
  const ended = new Promise((resolve, reject) => sender.once("exit", resolve).once("error", reject));
  const closed = -1;
  for (let round = 0; Atomics.load(done, 2) === 0; round++) {
    const slot = round % 3;
    takeBackReading(reading, slot);
    // Until it is lent again the connection is ours: here its descriptor is closed, and another one opened.
    reading.descriptor[slot] = closed;
    if (round % 5 !== 0) lendReading(reading, slot, round);
    // Now and then the sender gets its turn.
    if (round % 64 === 0) Atomics.wait(done, 2, 0, 0.01);
  }
  await ended;
  const [read, wrong] = done;
  expect(wrong).toBe(0);
  expect(read).toBe(20_000);
});
