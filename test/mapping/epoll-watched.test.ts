import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseEpollInodes } from "../../src/mapping/epoll-watched.ts";

const recorded = (name: string): string =>
  readFileSync(new URL(`../fixtures/procfs-envoy/${name}`, import.meta.url), "latin1");

test("a recorded epoll instance watches ten inodes, written in hexadecimal", () => {
  const inodes = parseEpollInodes(recorded("fdinfo-15.txt"));
  expect(inodes).toHaveLength(recorded("fdinfo-15.txt").match(/^tfd:/gm)?.length ?? -1);
  expect(inodes.slice(0, 3)).toEqual([29839, 17, 29831]);
});

test("a descriptor that is no epoll instance watches nothing", () => {
  expect(parseEpollInodes("pos:\t0\nflags:\t02000002\nmnt_id:\t17\nino:\t17\n")).toEqual([]);
});
