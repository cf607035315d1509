/** A sender that borrows as often as it can, and counts when it sees a descriptor that is closed or changes under it. */

import { workerData } from "node:worker_threads";
import { borrow, giveBack } from "../../src/driver/lent-slots.ts";
import type { LentSlots } from "../../src/driver/lent-slots.ts";

const { slots, done } = workerData as { slots: LentSlots; done: Int32Array };
let sent = 0;
let wrong = 0;
for (let turn = 0; sent < 20_000; turn++) {
  const slot = turn % 3;
  if (!borrow(slots, slot)) continue;
  const descriptor = slots.descriptor[slot]!;
  for (let look = 0; look < turn % 50; look++)
    if (Atomics.load(slots.descriptor, slot) !== descriptor || descriptor < 0) wrong++;
  sent++;
  giveBack(slots, slot);
}
done[0] = sent;
done[1] = wrong;
Atomics.store(done, 2, 1);
