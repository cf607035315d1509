import { expect, test } from "vitest";
import { makeRoomForUuids, UuidSource, uuidLength, uuidPlaces } from "../../src/driver/uuid.ts";
import { uuid4 } from "./uuid4.ts";

test("every UUID is of version 4, and no two are the same", () => {
  const source = new UuidSource();
  const seen = new Set<string>();
  const digits = new Map<string, number>();
  const count = 20_000;
  for (let i = 0; i < count; i++) {
    source.next();
    const text = source.text.toString("latin1");
    expect(text).toMatch(uuid4);
    seen.add(text);
    for (const digit of text.slice(24)) digits.set(digit, (digits.get(digit) ?? 0) + 1);
  }
  expect(seen.size).toBe(count);
  // 240 000 hexadecimal digits, 15 000 of each: 6 standard deviations (119 each) are 712.
  for (const often of digits.values()) expect(Math.abs(often - 15_000)).toBeLessThan(712);
  expect(digits.size).toBe(16);
});

test("there is room for one wherever {uuid} stands, and nowhere else", () => {
  const parts = makeRoomForUuids({
    method: "POST",
    path: "/%7Buuid%7D/{uuid}?q={uuid}",
    host: "h",
    headers: [
      ["x-id", "a{uuid}b"],
      ["x-other", "{uuid"],
    ],
    body: Buffer.from([0xff, ...Buffer.from("{uuid}{uuid}"), 0xfe]),
    keepalive: true,
  });
  const lengths = [parts.path, parts.headers[0]![1], parts.headers[1]![1]].map(({ length }) => length);
  expect(lengths).toEqual([3 * uuidLength + 5, uuidLength + 2, 5]);
  expect(uuidPlaces(Buffer.from(parts.path))).toEqual([1, uuidLength + 2, 2 * uuidLength + 5]);
  expect(uuidPlaces(parts.body!)).toEqual([1, 1 + uuidLength]);
  expect([parts.body!.length, parts.body![0], parts.body!.at(-1)]).toEqual([2 + 2 * uuidLength, 0xff, 0xfe]);
});
