import * as fc from "fast-check";
import { expect, test } from "vitest";
import { mergeAnswers } from "../../src/mapping/merge-answers.ts";

const epoll = (workerOf: [number, number][], obstacle: string | null = null) =>
  ({ method: "epoll", workerOf: new Map(workerOf), obstacle }) as const;
const header = (workerOf: [number, number][], obstacle: string | null = null) =>
  ({ method: "header", workerOf: new Map(workerOf), obstacle }) as const;

test("the automatic choice fills what the first way does not know from the next", () => {
  const merged = mergeAnswers(
    "auto",
    [
      epoll([
        [1, 0],
        [2, 1],
      ]),
      header([
        [2, 1],
        [3, 0],
      ]),
    ],
    3,
  );
  expect([...merged.workerOf]).toEqual([
    [1, 0],
    [2, 1],
    [3, 0],
  ]);
  expect(merged.method).toBe("epoll");
  expect(merged.checks).toEqual([{ method: "header", compared: 1, disagreed: 0 }]);
  expect(merged.reason).toBe(
    "epoll told 2 of 3 connections; header told 1 of 3 connections; header agrees on 1",
  );
});

test("where two ways contradict each other the more trusted one stands and the other is counted", () => {
  const one = epoll([
    [1, 0],
    [2, 1],
  ]);
  const other = header([
    [1, 1],
    [2, 1],
  ]);
  const merged = mergeAnswers("auto", [one, other], 2);
  expect([...merged.workerOf]).toEqual([...one.workerOf]);
  expect(merged.checks).toEqual([{ method: "header", compared: 2, disagreed: 1 }]);
  expect(merged.reason).toBe("epoll told 2 of 2 connections; header says otherwise of 1 of 2");
});

test("an explicit choice takes nothing from the others and is still compared with them", () => {
  const merged = mergeAnswers(
    "header",
    [
      epoll([
        [1, 0],
        [2, 1],
      ]),
      header([[2, 1]], "one named none"),
    ],
    2,
  );
  expect([...merged.workerOf]).toEqual([[2, 1]]);
  expect(merged.method).toBe("header");
  expect(merged.checks).toEqual([{ method: "epoll", compared: 1, disagreed: 0 }]);
  expect(merged.reason).toBe(
    "header told 1 of 2 connections; epoll agrees on 1; not all by header: one named none",
  );
});

test("nothing known is the method none, with the reason of each way", () => {
  const merged = mergeAnswers("auto", [epoll([], "no PID"), header([], "no header")], 9);
  expect(merged).toEqual({
    method: "none",
    workerOf: new Map(),
    checks: [],
    reason: "not all by epoll: no PID; not all by header: no header",
  });
});

test("obstacles are not told where every connection is known all the same", () => {
  expect(mergeAnswers("auto", [epoll([], "no PID"), header([[5, 1]])], 1).reason).toBe(
    "header told 1 of 1 connections",
  );
});

test("no connection is known that no way told, and none is lost that one did", () => {
  const some = fc.array(fc.tuple(fc.nat(20), fc.nat(3)));
  fc.assert(
    fc.property(some, some, (one, other) => {
      const merged = mergeAnswers("auto", [epoll(one), header(other)], 21);
      const first = new Map(one);
      const expected = new Map([...other, ...first]);
      expect([...merged.workerOf].toSorted()).toEqual([...expected].toSorted());
    }),
  );
});
