import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { knowsSystemCalls, parseWaiting } from "../../src/scraper/epoll-wait.ts";
import { parseWorkerComm } from "../../src/scraper/procfs.ts";

const recorded = (name: string): string =>
  readFileSync(new URL(`../fixtures/procfs-envoy/${name}`, import.meta.url), "latin1");
const threads = JSON.parse(recorded("threads.json")) as { comm: string; syscall: string }[];

test("the two workers of a recorded Envoy wait in epoll instances 15 and 19, whoever else waits in others", () => {
  const waiting = threads.map(({ comm, syscall }) => [parseWorkerComm(comm), parseWaiting(syscall, "x64")]);
  expect(waiting.filter(([worker]) => worker !== null)).toEqual([
    [0, 15],
    [1, 19],
  ]);
});

test.each([
  { text: "running\n", arch: "x64", epoll: "running", because: "it runs" },
  { text: "202 0x7f201a357180 0x80\n", arch: "x64", epoll: "elsewhere", because: "futex is no epoll" },
  {
    text: "-1 0x7ffc 0x7f20\n",
    arch: "x64",
    epoll: "elsewhere",
    because: "it is blocked outside a system call",
  },
  { text: "281 0xf 0x32 0x20 0x64 0x0 0x8\n", arch: "x64", epoll: 15, because: "epoll_pwait" },
  { text: "441 0x1f 0x32 0x20 0x64 0x0 0x8\n", arch: "x64", epoll: 31, because: "epoll_pwait2" },
  {
    text: "22 0xf 0x32 0x20 0x64 0x0 0x8\n",
    arch: "arm64",
    epoll: 15,
    because: "epoll_pwait has another number",
  },
  { text: "22 0xf 0x32 0x20 0x64 0x0 0x8\n", arch: "x64", epoll: "elsewhere", because: "22 is pipe there" },
  {
    text: "232 0xf 0x32 0x20 0x64 0x0 0x8\n",
    arch: "riscv64",
    epoll: "elsewhere",
    because: "its numbers are not known",
  },
  { text: "", arch: "x64", epoll: "running", because: "the thread has ended" },
])("`$text` on $arch means epoll instance $epoll: $because", ({ text, arch, epoll }) => {
  expect(parseWaiting(text, arch)).toBe(epoll);
});

test("only x86-64 and 64-bit ARM are known, which are what Envoy is built for", () => {
  expect(["x64", "arm64", "riscv64", "toString"].filter(knowsSystemCalls)).toEqual(["x64", "arm64"]);
});
