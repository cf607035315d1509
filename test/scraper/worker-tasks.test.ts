import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findServerTasks } from "../../src/scraper/worker-tasks.ts";

test("of a server in Node its main thread is the only worker: V8's timers wait in an epoll too, and serve nobody", async () => {
  const program = `require("http").createServer((_, r) => r.end()).listen(0, "127.0.0.1", function () { console.log(this.address().port) })`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  try {
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    // The kernel's own table: local address, and the inode in the tenth column.
    const address = `0100007F:${Number(port).toString(16).toUpperCase().padStart(4, "0")}`;
    const row = readFileSync("/proc/net/tcp", "utf8")
      .split("\n")
      .map((line) => line.trim().split(/ +/))
      .find((columns) => columns[1] === address)!;
    const { workers } = await findServerTasks(child.pid!, new Set([Number(row[9])]));
    expect([...workers.values()].map(({ pid, thread }) => [pid, thread])).toEqual([[child.pid, child.pid]]);
  } finally {
    child.kill();
    await exited;
  }
});
