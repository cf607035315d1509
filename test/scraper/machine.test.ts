import { describe, expect, it } from "vitest";
import { machineBetween, noiseWarning, parseCpuTicks, parsePressureUs } from "../../src/scraper/machine.ts";
import type { MachineReading, MachineShare } from "../../src/scraper/machine.ts";
import { recordedText } from "./recorded.ts";

describe("the parsers", () => {
  it("read the ticks of all cores together", () => {
    // user 126585 nice 34723 system 32744 idle 364821 iowait 1790 irq 0 softirq 1647 steal 6866
    expect(parseCpuTicks(recordedText("proc-stat.txt"))).toEqual({
      all: 569_176,
      stolen: 6866,
      used: 195_699,
    });
    expect(parseCpuTicks("intr 1 2 3")).toBeNull();
  });

  it("do not count guests twice", () => {
    expect(parseCpuTicks("cpu  10 0 0 0 0 0 0 0 10 0\n")?.all).toBe(10);
  });

  it("read the time in which some task waited", () => {
    expect(parsePressureUs(recordedText("pressure-cpu.txt"))).toBe(725_336_417);
    expect(parsePressureUs("")).toBeNull();
  });
});

const reading = (atS: number, all: number, rest: Partial<MachineReading> = {}): MachineReading => ({
  atUs: atS * 1e6,
  ticks: { all, stolen: 0, used: 0 },
  waitedUs: 0,
  ownUs: 0,
  ...rest,
});

describe("machineBetween", () => {
  it("gives shares of the time between, not since boot", () => {
    const before = reading(10, 1000, {
      ticks: { all: 1000, stolen: 900, used: 50 },
      waitedUs: 5e6,
      ownUs: 3e6,
    });
    // 2 cores for 1 s: 200 ticks, of which 10 stolen and 120 used, 0.7 s = 70 ticks of that by ourselves.
    const after = reading(11, 1200, {
      ticks: { all: 1200, stolen: 910, used: 170 },
      waitedUs: 5.25e6,
      ownUs: 3.7e6,
    });
    expect(machineBetween(before, after)).toEqual({ steal: 0.05, cpuPressure: 0.25, others: 0.25 });
  });

  it("is null for what the kernel does not tell", () => {
    const silent = reading(0, 0, { ticks: null, waitedUs: null });
    expect(machineBetween(silent, { ...silent, atUs: 1e6 })).toEqual({
      steal: null,
      cpuPressure: null,
      others: null,
    });
    expect(machineBetween(reading(0, 100), reading(1, 100)).steal).toBeNull();
  });

  it("does not go below nothing where ticks are coarser than our own time", () => {
    expect(machineBetween(reading(0, 0), reading(1, 200, { ownUs: 5e5 })).others).toBe(0);
  });
});

const share = (part: Partial<MachineShare>): MachineShare => ({
  steal: 0,
  cpuPressure: 0,
  others: 0,
  ...part,
});

describe("noiseWarning", () => {
  it("warns of steal above 2 % on average, or above 10 % in one second", () => {
    expect(noiseWarning(share({ steal: 0.02 }), [share({ steal: 0.1 })])).toBeNull();
    expect(noiseWarning(share({ steal: 0.021 }), [])?.message).toContain("2.1 %");
    const second = noiseWarning(share({ steal: 0.01 }), [share({ steal: 0.11 }), share({})]);
    expect(second?.code).toBe("noisy-machine");
    expect(second?.message).toContain("11.0 % in the worst second");
  });

  it("does not blame pressure that the load makes itself, nor neighbours that made nobody wait", () => {
    expect(noiseWarning(share({ cpuPressure: 0.9, others: 0.05 }), [])).toBeNull();
    expect(noiseWarning(share({ cpuPressure: 0.05, others: 0.6 }), [])).toBeNull();
    expect(noiseWarning(share({ cpuPressure: 0.3, others: 0.25 }), [])?.message).toBe(
      "Other programs used 25.0 % of the CPU, and tasks waited for one in 30.0 % of the time",
    );
  });

  it("is silent where nothing is known", () => {
    const unknown = { steal: null, cpuPressure: null, others: null };
    expect(noiseWarning(unknown, [unknown])).toBeNull();
  });
});
