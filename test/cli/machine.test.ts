import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { parseOpenFiles, readMachineLimits } from "../../src/cli/machine.ts";

// /proc/self/limits of Linux 6.18
const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             15611                15611                processes
Max open files            1024                 524288               files
Max locked memory         8388608              8388608              bytes
`;

test("takes the soft limit of open files", () => {
  expect(parseOpenFiles(limits)).toBe(1024);
});

test("unlimited is no limit, and neither is a system that does not say", () => {
  expect(parseOpenFiles(limits.replace("1024  ", "unlimited"))).toBeNull();
  expect(parseOpenFiles("")).toBeNull();
});

test.runIf(process.platform === "linux")("agrees with what the shell says of this machine", () => {
  const { openFiles, localPorts, timeWaitReuse } = readMachineLimits();
  const hard = shell("ulimit -Hn");
  expect(String(openFiles ?? "unlimited")).toBe(hard);
  expect(localPorts?.join("\t")).toBe(shell("cat /proc/sys/net/ipv4/ip_local_port_range"));
  expect(String(timeWaitReuse)).toBe(shell("cat /proc/sys/net/ipv4/tcp_tw_reuse"));
});

function shell(command: string): string {
  return execFileSync("sh", ["-c", command], { encoding: "utf8" }).trim();
}
