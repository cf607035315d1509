import { describe, expect, it } from "vitest";
import {
  parseParent,
  parseSchedstatUs,
  parseStatUs,
  parseWorkerComm,
  processExists,
  read,
  readProcessCpuUs,
  readProcesses,
  readThreadCpuUs,
  readInnerPid,
  readTasks,
} from "../../src/scraper/procfs.ts";
import { recordedText } from "./recorded.ts";

const nobody = 2 ** 22 + 1;

describe("the parsers", () => {
  it("read the CPU time of a recorded worker, to the nanosecond and by ticks", () => {
    expect(parseSchedstatUs(recordedText("schedstat.txt"))).toBe(1_502_970.601);
    // utime 114 + stime 36 ticks of 10 ms
    expect(parseStatUs(recordedText("task-stat.txt"))).toBe(1_500_000);
    expect(parseParent(recordedText("task-stat.txt"))).toBe(1);
  });

  it("are not led astray by a name with spaces and parentheses", () => {
    const stat = "77 (a) b (c) S 5 77 77 0 -1 4194368 311 0 0 0 7 3 0 0 20 0 9 0 139067";
    expect(parseStatUs(stat)).toBe(100_000);
    expect(parseParent(stat)).toBe(5);
  });

  it("take a kernel that does not keep schedstat for one that does not tell", () => {
    expect(parseSchedstatUs("0 0 0\n")).toBeNull();
    expect(parseSchedstatUs("")).toBeNull();
  });

  it("are null for text that is something else", () => {
    expect(parseStatUs("")).toBeNull();
    expect(parseParent("")).toBeNull();
  });

  it("know Envoy's workers among its threads by their names", () => {
    expect(parseWorkerComm("wrk:worker_0\n")).toBe(0);
    expect(parseWorkerComm("wrk:worker_31\n")).toBe(31);
    for (const other of ["envoy", "dog:workers_gua", "wrk:worker_", "xwrk:worker_1"])
      expect(parseWorkerComm(other)).toBeNull();
  });
});

describe("the readers", () => {
  it("read this process and its main thread", () => {
    const processUs = readProcessCpuUs(process.pid)!;
    const { user, system } = process.cpuUsage();
    // Ticks of 10 ms are cut off, and time passes between the two.
    expect(Math.abs(processUs - (user + system))).toBeLessThan(200_000);
    expect(readThreadCpuUs(process.pid, process.pid)).not.toBeNull();
    expect(readProcesses()).toContain(process.pid);
    expect(processExists(process.pid)).toBe(true);
    expect(readTasks(process.pid)).toContain(process.pid);
    expect(readInnerPid(process.pid)).toBe(process.pid);
  });

  it("have null or nothing for a process that is not there", () => {
    expect(readProcessCpuUs(nobody)).toBeNull();
    expect(readThreadCpuUs(nobody, nobody)).toBeNull();
    expect(processExists(nobody)).toBe(false);
    expect(readTasks(nobody)).toEqual([]);
    expect(readInnerPid(nobody)).toBeNull();
    expect(read(`/proc/${nobody}/comm`)).toBeNull();
  });
});
