import { expect, test } from "vitest";
import { runFlags } from "../../src/cli/flags.ts";
import { fortioReason } from "../../src/cli/fortio-flags.ts";
import { fortioRows } from "./fortio-page.ts";

const own = new Set(runFlags.map(({ name }) => name));

test.each(fortioRows)("docs/FORTIO.md says $here of -$name, and so it is", ({ name, here }) => {
  expect(["same", "different", "instead"]).toContain(here);
  expect([own.has(name), fortioReason(name) !== undefined]).toEqual(
    here === "instead" ? [false, true] : [true, false],
  );
});

test("docs/FORTIO.md names each flag once, and many", () => {
  const names = fortioRows.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(90);
});
