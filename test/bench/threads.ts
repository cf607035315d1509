/** CPU time of each thread of a process. */

import { readdir, readFile } from "node:fs/promises";

export interface ThreadTime {
  readonly name: string;
  readonly cpuNs: number;
}

/** By thread id. A thread that ends meanwhile is left out. */
export async function readThreads(pid: number): Promise<Map<string, ThreadTime>> {
  const threads = new Map<string, ThreadTime>();
  const tasks = `/proc/${pid}/task`;
  for (const tid of await readdir(tasks)) {
    const read = (file: string): Promise<string> =>
      readFile(`${tasks}/${tid}/${file}`, "utf8").catch(() => "");
    const [name, schedstat] = [await read("comm"), await read("schedstat")];
    if (schedstat !== "") threads.set(tid, { name: name.trim(), cpuNs: Number(schedstat.split(" ")[0]) });
  }
  return threads;
}
