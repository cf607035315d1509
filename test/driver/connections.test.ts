import { expect, test, vi } from "vitest";
import type { Connection } from "../../src/driver/connection.ts";
import { Connections } from "../../src/driver/connections.ts";
import { Recorder } from "../../src/driver/recorder.ts";

const nobody: Connection = { open() {}, send() {}, abort() {}, close() {}, row: 0 };

function connectionsOf(recorder: Recorder): Connections {
  return new Connections({
    slots: 1,
    load: { streams: 1, timeoutUs: 1e6, nocatchup: false, abortOn: null, allowInitialErrors: true },
    recorder,
    mix: null,
    counters: new Int32Array(16),
    onStop: () => {},
  });
}

test("what another thread's clock says was due later than now, or sent before it could be, has no lag", () => {
  const recorder = new Recorder({ expected: 10, workerOf: () => -1 });
  const connections = connectionsOf(recorder);
  connections.add(nobody);
  connections.startedAtUs = 0;
  const completed = (atUs: number): void => connections.completed(0, 200, 0, atUs);
  connections.fire(0, 2000, 1999.5);
  completed(3000);
  // Before it was due, and before the one before it had ended.
  for (const dueUs of [3000.5, 2900]) {
    connections.sent(0, dueUs, 2999.5);
    completed(4000);
  }
  connections.closeAll();
  const { latencyUs, blockedUs, lagUs } = recorder.take();
  expect([...lagUs]).toEqual([0, 0, 0]);
  expect([...blockedUs]).toEqual([0, 0, 1100]);
  expect([...latencyUs]).toEqual([1000, 999.5, 1100]);
});

test("nothing is watched any more once all are closed, though a connection hands over a request in closing", () => {
  vi.useFakeTimers();
  try {
    const connections = connectionsOf(new Recorder({ expected: 1, workerOf: () => -1 }));
    connections.add({ ...nobody, close: () => void connections.sent(0, 0, 0) });
    connections.closeAll();
    expect(connections.unfinished).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
