import { expect, test } from "vitest";
import { createPlan } from "../../src/plan/create-plan.ts";
import { checkLimits, waitingPorts } from "../../src/plan/limits.ts";
import type { MachineLimits } from "../../src/plan/limits.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import type { LoadProfile, Profile } from "../../src/plan/profile.ts";
import { thrown } from "../thrown.ts";
import { exampleLoad } from "./example-load.ts";

/** A Linux machine as it comes: 28 232 ports. */
const machine: MachineLimits = { openFiles: 1_048_576, localPorts: [32_768, 60_999], timeWaitReuse: 2 };

const check = (profile: Profile, limits: Partial<MachineLimits> = {}): Promise<string> =>
  thrown(() => checkLimits(createPlan({ profile, freshSeed: 1 }), { ...machine, ...limits }));
const passes = async (profile: Profile, limits: Partial<MachineLimits> = {}): Promise<boolean> =>
  (await check(profile, limits).catch((error: Error) => error.message)) === "nothing was thrown";

const shortLived: LoadProfile = { connections: 128, qps: 3000, duration: "5s", keepalive: false };
const remote = [{ url: "http://10.0.0.1:8080" }];

test("more connections than open files say the limit and how to raise it", async () => {
  expect(await check({ load: { connections: 1000 } }, { openFiles: 1024 })).toMatchInlineSnapshot(
    `"LIMIT_EXCEEDED (3): -c 1000 needs 1064 open files, and this process may have 1024 | Raise the limit with \`ulimit -n 1064\` (its hard limit in /etc/security/limits.conf), or use -c 960 or less."`,
  );
  expect(await passes({ load: { connections: 960 } }, { openFiles: 1024 })).toBe(true);
  expect(await check({ load: { connections: 1 } }, { openFiles: 20 })).toMatchInlineSnapshot(
    `"LIMIT_EXCEEDED (3): -c 1 needs 65 open files, and this process may have 20 | Raise the limit with \`ulimit -n 65\` (its hard limit in /etc/security/limits.conf)."`,
  );
});

test("what cannot be told of the machine is not checked", async () => {
  const unknown = { openFiles: null, localPorts: null, timeWaitReuse: null };
  expect(await passes({ load: { ...shortLived, connections: 1e6, qps: 1e6 } }, unknown)).toBe(true);
});

test("short-lived connections on loopback get their ports back after a second", async () => {
  expect(await passes({ load: shortLived })).toBe(true);
  expect(await passes({ load: { ...shortLived, qps: 28_104 } })).toBe(true);
  expect(await check({ load: { ...shortLived, qps: 28_105 } })).toMatchInlineSnapshot(
    `"PLAN_IMPOSSIBLE (2): -keepalive=false at -qps 28105 needs 28233 local ports at once, and 28232 exist (32768-60999) | Use -linger0 (close with a reset, no port waits), -local-addresses 127.0.0.2,127.0.0.3, a lower -qps, or a shorter -t."`,
  );
});

test("elsewhere each holds its port for a minute", async () => {
  // 9 s are 27 000 ports in TIME_WAIT and 128 open; 28 232 exist.
  expect(await passes({ targets: remote, load: { ...shortLived, duration: "9s" } })).toBe(true);
  expect(await check({ targets: remote, load: { ...shortLived, duration: "10s" } })).toMatchInlineSnapshot(
    `"PLAN_IMPOSSIBLE (2): -keepalive=false at -qps 3000 needs 30128 local ports at once, and 28232 exist (32768-60999) | Use -linger0 (close with a reset, no port waits), 2 of this machine's -local-addresses, a lower -qps, or a shorter -t."`,
  );
  expect(
    await passes({ targets: remote, load: { ...shortLived, duration: "10s" } }, { timeWaitReuse: 1 }),
  ).toBe(true);
});

test("a load longer than that holds a minute's ports, not all it ever opened", async () => {
  // 60 s × 468 + 128 = 28 208.
  expect(await passes({ targets: remote, load: { ...shortLived, qps: 468, duration: "10m" } })).toBe(true);
  expect(await passes({ targets: remote, load: { ...shortLived, qps: 469, duration: "10m" } })).toBe(false);
});

test("so does loopback where the kernel never lends them again", async () => {
  expect(await check({ repetitions: 2, load: shortLived }, { timeWaitReuse: 0 })).toMatchInlineSnapshot(
    `"PLAN_IMPOSSIBLE (2): -keepalive=false at -qps 3000 needs 30128 local ports at once, and 28232 exist (32768-60999) | Use -linger0 (close with a reset, no port waits), -local-addresses 127.0.0.2,127.0.0.3, a lower -qps, or a shorter -t."`,
  );
  expect(await passes({ repetitions: 1, load: shortLived }, { timeWaitReuse: 0 })).toBe(true);
});

test("-linger0, more addresses, or a count lift it", async () => {
  const load: LoadProfile = { ...shortLived, duration: "10s" };
  const { duration: _, ...counted } = load;
  expect(await passes({ targets: remote, load: { ...load, linger0: true } })).toBe(true);
  expect(await passes({ targets: remote, load: { ...load, localAddresses: ["10.0.0.2", "10.0.0.3"] } })).toBe(
    true,
  );
  expect(await passes({ targets: remote, load: { ...counted, exactly: 28_104 } })).toBe(true);
  expect(await passes({ targets: remote, load: { ...counted, exactly: 28_105 } })).toBe(false);
});

test("as fast as it goes is reckoned with 10 000 a second", async () => {
  expect(await check({ targets: remote, load: { ...shortLived, qps: 0 } })).toMatchInlineSnapshot(
    `"PLAN_IMPOSSIBLE (2): -keepalive=false at -qps 0 (some 10000/s) needs 50128 local ports at once, and 28232 exist (32768-60999) | Use -linger0 (close with a reset, no port waits), 2 of this machine's -local-addresses, a lower -qps, or a shorter -t."`,
  );
});

test("open connections need ports too", async () => {
  expect(await check({ load: { connections: 30_000 } })).toMatchInlineSnapshot(
    `"PLAN_IMPOSSIBLE (2): -c 30000 needs 30000 local ports at once, and 28232 exist (32768-60999) | Use fewer connections, or -local-addresses 127.0.0.2,127.0.0.3."`,
  );
  expect(await passes({ load: { connections: 30_000, localAddresses: ["127.0.0.2", "127.0.0.3"] } })).toBe(
    true,
  );
});

test.each<[load: Partial<LoadPlan>, repetitions: number, holdS: number, ports: number, why: string]>([
  [{ qps: 100, durationUs: 5e6, exactly: null }, 1, 60, 500, "every request of the run"],
  [{ qps: 100, durationUs: 5e6, exactly: null }, 3, 60, 1500, "of all repetitions"],
  [{ qps: 100, durationUs: 90e6, exactly: null }, 3, 60, 6000, "but no more than wait at once"],
  [{ qps: 100, durationUs: 0, exactly: null }, 1, 60, 6000, "for ever is a minute"],
  [{ qps: 100, durationUs: 5e6, exactly: 7 }, 2, 60, 14, "exactly so many"],
  [{ qps: 100, durationUs: 5e6, exactly: null, linger0: true }, 1, 60, 0, "none after a reset"],
  [
    { qps: 100, durationUs: 5e6, exactly: null, keepalive: true },
    1,
    60,
    0,
    "none where connections are kept",
  ],
  [
    { qps: 1000, durationUs: 10e6, keepalive: true, connectionReuse: { least: 10, most: 30 } },
    3,
    60,
    1500,
    "one for 20 requests where connections are retired",
  ],
])("%j × %d, held for %d s, leave %d ports waiting: %s", (load, repetitions, holdS, expected) => {
  expect(waitingPorts({ ...exampleLoad, keepalive: false, ...load }, repetitions, holdS)).toBe(expected);
});

test("a sweep needs what its largest step needs, and its steps leave their ports behind one another", async () => {
  const files = await check({ load: { connections: [2, 1000, 8] } }, { openFiles: 1024 });
  expect(files).toContain("-c 1000 needs 1064 open files");
  // 4000 ports a run: three of them fit, and three times two do not.
  const load: LoadProfile = { connections: 2, exactly: 4000, qps: 3000, keepalive: false };
  const sweep = { ...load, connections: [2, 8] };
  const [targets, repetitions, limits] = [remote, 3, { localPorts: [1, 20_000] } as const];
  expect(await passes({ targets, repetitions, load }, limits)).toBe(true);
  expect(await passes({ targets, repetitions, load: sweep }, limits)).toBe(false);
});
