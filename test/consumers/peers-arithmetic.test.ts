/** The benchmark's own arithmetic, for its figures are read as facts. */

import { expect, test } from "vitest";
import { busyShare } from "../bench/cpu-profile.ts";
import { gridDistances, median, quantile, rotate, stalledP99Us } from "../bench/statistics.ts";
import { replaceBetween } from "../bench/write-results.ts";

test("arrivals on a shifted grid have no distance from it", () => {
  const arrivals = Array.from({ length: 100 }, (_, k) => 12_345 + k * 250);
  expect(Math.max(...gridDistances(arrivals))).toBeCloseTo(0, 6);
});

test("arrivals that come in bursts are as far from the grid as the burst is long", () => {
  // Ten at once every 1000: on a grid of 100 they belong to 0, 100, … 900; the best offset lies in the middle.
  const arrivals = Array.from({ length: 2000 }, (_, k) => Math.floor(k / 10) * 1000);
  const distances = gridDistances(arrivals);
  // The last burst's edge tilts the fit by less than one per cent.
  expect(Math.abs(Math.max(...distances) / 450 - 1)).toBeLessThan(0.01);
  expect(Math.abs(quantile(distances, 0.5) / 250 - 1)).toBeLessThan(0.01);
});

test("a schedule that is half a per cent slow, and even, has no distance from its grid", () => {
  const arrivals = Array.from({ length: 9000 }, (_, k) => k * 335);
  expect(Math.max(...gridDistances(arrivals))).toBeCloseTo(0, 3);
});

test("a late arrival does not move the grid of the others", () => {
  const arrivals = Array.from({ length: 1001 }, (_, k) => k * 10 + (k === 250 ? 4 : 0));
  const distances = gridDistances(arrivals);
  expect(distances[250]).toBeCloseTo(4, 1);
  expect(quantile(distances, 0.998)).toBeLessThan(0.02);
});

test("quantiles are the value of rank ⌈q·n⌉, and the median of an even number lies between two", () => {
  const values = [9, 1, 7, 3];
  expect([0.25, 0.5, 0.51, 1].map((q) => quantile(values, q))).toEqual([1, 3, 7, 9]);
  expect(median(values)).toBe(5);
  expect(median([2, 8, 1])).toBe(2);
});

test("of 1000 starts 5 ms apart, a stall of 1 s makes p99 950 ms", () => {
  expect(stalledP99Us({ qps: 200, seconds: 5, stallS: 1 })).toBe(950_000);
});

test("every entrant is first once in as many rounds as there are entrants", () => {
  const firsts = [0, 1, 2].map((round) => rotate(["a", "b", "c"], round)[0]);
  expect(firsts).toEqual(["a", "b", "c"]);
  expect(rotate(["a", "b", "c"], 4)).toEqual(["b", "c", "a"]);
});

function node(id: number, functionName: string, url: string, children: number[] = []) {
  return { id, callFrame: { functionName, url }, children };
}

test("a profile's share counts what the wanted functions call, and leaves idle time out", () => {
  const profile = {
    nodes: [
      node(1, "(root)", "", [2, 3, 5]),
      node(2, "(idle)", ""),
      node(3, "record", "file:///x/driver/recorder.js", [4]),
      node(4, "slice", ""),
      node(5, "parse", "file:///x/driver/parser.js"),
    ],
    samples: [2, 2, 2, 2, 3, 4, 5, 5, 5, 5, 5, 5],
  };
  expect(busyShare(profile, (url) => url.endsWith("recorder.js"))).toBe(0.25);
});

test("only what stands between the markers of the page is replaced", () => {
  const page =
    "# A\n\n<!-- results: written by npm run bench -- -write -->\nold\n<!-- end of results -->\n\nZ\n";
  const once = replaceBetween(page, "new $& table");
  expect(once).toBe(
    "# A\n\n<!-- results: written by npm run bench -- -write -->\n\nnew $& table\n\n<!-- end of results -->\n\nZ\n",
  );
  expect(replaceBetween(once, "new $& table")).toBe(once);
  expect(() => replaceBetween("# A\n", "new")).toThrow("no ");
});
