import { expect, test } from "vitest";
import { monotonicUs } from "../../src/clock.ts";
import { PunctualSleep } from "../../src/driver/exact-sleep.ts";

const onTime = "sleeps of %i µs never end before their time, and long ones soon end on it";

test.each([200, 3000])(onTime, { retry: 3 }, (us) => {
  const signals = new Int32Array(new SharedArrayBuffer(4));
  const sleep = new PunctualSleep(resting(signals), signals, 0);
  const lateUs = Array.from({ length: 60 }, () => {
    const atUs = monotonicUs() + us;
    sleep.until(atUs);
    return monotonicUs() - atUs;
  });
  expect(Math.min(...lateUs)).toBeGreaterThanOrEqual(0);
  // Without the learning each ends 30 to 200 µs late. Nearly all long ones are to end on time; some do on a busy machine too.
  const learnt = lateUs.slice(30).sort((a, b) => a - b);
  if (us > 2000) expect(learnt[5]).toBeLessThan(20);
});

const resting = (signals: Int32Array<SharedArrayBuffer>) => (us: number) =>
  void Atomics.wait(signals, 0, 0, us / 1e3);

test("a signal ends a sleep, also while it spins", () => {
  const signals = new Int32Array(new SharedArrayBuffer(4));
  const sleep = new PunctualSleep(resting(signals), signals, 0);
  signals[0] = 1;
  const begunUs = monotonicUs();
  sleep.until(begunUs + 1e6);
  expect(monotonicUs() - begunUs).toBeLessThan(500_000);
});
