import { expect, test } from "vitest";
import { layer } from "../../src/plan/layer.ts";

test("a flag overrides its own key and no other", () => {
  const profile = {
    labels: "p",
    load: { qps: 1, connections: 2 },
    lab: { workers: 4, upstream: { delay: "5ms" } },
  };
  const flags = { load: { qps: 9 }, lab: { upstream: { size: 3 } } };
  expect(layer(profile, flags)).toEqual({
    labels: "p",
    load: { qps: 9, connections: 2, request: { headers: {} } },
    lab: { workers: 4, upstream: { delay: "5ms", size: 3 } },
  });
});

test("a count drops the profile's time, and a time its count", () => {
  expect(layer({ load: { duration: "5s" } }, { load: { exactly: 3 } }).load).toEqual({
    exactly: 3,
    request: { headers: {} },
  });
  expect(layer({ load: { exactly: 3 } }, { load: { duration: "5s" } }).load).toEqual({
    duration: "5s",
    request: { headers: {} },
  });
});

test("a count and a time from the same side both stay, to be refused", () => {
  expect(layer({}, { load: { exactly: 3, duration: "5s" } }).load).toMatchObject({
    exactly: 3,
    duration: "5s",
  });
});

test("a payload drops the profile's, of whatever kind", () => {
  const profile = { load: { request: { payload: "a", method: "PUT" } } };
  expect(layer(profile, { load: { request: { payloadSize: 3 } } }).load?.request).toEqual({
    method: "PUT",
    payloadSize: 3,
    headers: {},
  });
});

test("a header replaces the profile's of that name, whatever its case", () => {
  const profile = { load: { request: { headers: { "X-A": "old", "x-b": "kept" } } } };
  expect(layer(profile, { load: { request: { headers: { "x-a": ["new"] } } } }).load?.request).toEqual({
    headers: { "x-b": "kept", "x-a": ["new"] },
  });
});

test("targets among the flags take the place of the profile's lab, targets and proxy", () => {
  const targets = [{ url: "http://h" }];
  const load = { qps: 5 };
  expect(layer({ lab: { workers: 4 }, load }, { targets })).toEqual({
    targets,
    load: { ...load, request: { headers: {} } },
  });
  const profile = { targets: [{ url: "http://i" }], admin: "http://i:1", pid: 3, listener: "l" };
  expect(layer(profile, { targets })).toEqual({ targets, load: { request: { headers: {} } } });
});

test("neither side is changed", () => {
  const profile = Object.freeze({ load: Object.freeze({ duration: "5s" }) });
  layer(profile, Object.freeze({ load: Object.freeze({ exactly: 3 }) }));
  expect(profile).toEqual({ load: { duration: "5s" } });
});
