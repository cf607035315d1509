/** A sender that reads as often as it may, and counts when a descriptor is closed or changes under it. */

import { workerData } from "node:worker_threads";
import { beginReading, endReading, giveBackReading } from "../../src/driver/lent-reading.ts";
import type { LentReading } from "../../src/driver/lent-reading.ts";

const { reading, done } = workerData as { reading: LentReading; done: Int32Array };
let read = 0;
let wrong = 0;
for (let turn = 0; read < 20_000; turn++) {
  const slot = turn % 3;
  if (!beginReading(reading, slot)) continue;
  const descriptor = reading.descriptor[slot]!;
  const lending = reading.lending[slot]!;
  for (let look = 0; look < turn % 50; look++) {
    if (Atomics.load(reading.descriptor, slot) !== descriptor || descriptor < 0) wrong++;
    if (Atomics.load(reading.lending, slot) !== lending) wrong++;
  }
  read++;
  if (turn % 11 === 0) giveBackReading(reading, slot);
  else endReading(reading, slot);
}
done[0] = read;
done[1] = wrong;
Atomics.store(done, 2, 1);
