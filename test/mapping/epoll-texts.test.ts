import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  knowsSystemCalls,
  parseEpollInodes,
  parseWaitingEpoll,
  parseWorkerName,
} from "../../src/mapping/epoll-texts.ts";

const recorded = (name: string): string =>
  readFileSync(new URL(`../fixtures/procfs-envoy/${name}`, import.meta.url), "latin1");
const threads = JSON.parse(recorded("threads.json")) as { comm: string; syscall: string }[];

test("the two workers of a recorded Envoy wait in epoll instances 15 and 19, whoever else waits in others", () => {
  const waiting = threads.map(({ comm, syscall }) => [
    parseWorkerName(comm),
    parseWaitingEpoll(syscall, "x64"),
  ]);
  expect(waiting.filter(([worker]) => worker !== null)).toEqual([
    [0, 15],
    [1, 19],
  ]);
});

test.each([
  { text: "running\n", arch: "x64", epoll: null, because: "it runs" },
  { text: "202 0x7f201a357180 0x80\n", arch: "x64", epoll: null, because: "futex is no epoll" },
  { text: "-1 0x7ffc 0x7f20\n", arch: "x64", epoll: null, because: "it is blocked outside a system call" },
  { text: "281 0xf 0x32 0x20 0x64 0x0 0x8\n", arch: "x64", epoll: 15, because: "epoll_pwait" },
  { text: "441 0x1f 0x32 0x20 0x64 0x0 0x8\n", arch: "x64", epoll: 31, because: "epoll_pwait2" },
  {
    text: "22 0xf 0x32 0x20 0x64 0x0 0x8\n",
    arch: "arm64",
    epoll: 15,
    because: "epoll_pwait has another number",
  },
  { text: "22 0xf 0x32 0x20 0x64 0x0 0x8\n", arch: "x64", epoll: null, because: "22 is pipe there" },
  {
    text: "232 0xf 0x32 0x20 0x64 0x0 0x8\n",
    arch: "riscv64",
    epoll: null,
    because: "its numbers are not known",
  },
  { text: "", arch: "x64", epoll: null, because: "the thread has ended" },
])("`$text` on $arch means epoll instance $epoll: $because", ({ text, arch, epoll }) => {
  expect(parseWaitingEpoll(text, arch)).toBe(epoll);
});

test("only x86-64 and 64-bit ARM are known, which are what Envoy is built for", () => {
  expect(["x64", "arm64", "riscv64", "toString"].filter(knowsSystemCalls)).toEqual(["x64", "arm64"]);
});

test.each([
  { comm: "wrk:worker_0\n", worker: 0 },
  { comm: "wrk:worker_127\n", worker: 127 },
  { comm: "dog:workers_gua\n", worker: null },
  { comm: "wrk:worker_\n", worker: null },
  { comm: "", worker: null },
])("a thread named `$comm` is worker $worker", ({ comm, worker }) => {
  expect(parseWorkerName(comm)).toBe(worker);
});

test("a recorded epoll instance watches ten inodes, written in hexadecimal", () => {
  const inodes = parseEpollInodes(recorded("fdinfo-15.txt"));
  expect(inodes).toHaveLength(recorded("fdinfo-15.txt").match(/^tfd:/gm)?.length ?? -1);
  expect(inodes.slice(0, 3)).toEqual([29839, 17, 29831]);
});

test("a descriptor that is no epoll instance watches nothing", () => {
  expect(parseEpollInodes("pos:\t0\nflags:\t02000002\nmnt_id:\t17\nino:\t17\n")).toEqual([]);
});
