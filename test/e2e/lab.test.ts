import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { findEnvoy } from "../../src/lab/envoy-binary.ts";
import { startLab } from "../../src/lab/lab.ts";
import type { Lab } from "../../src/lab/lab.ts";
import { workerCpu } from "../../src/lab/worker-cpu.ts";
import { commonModes as modes } from "../../src/plan/mode.ts";
import type { LabPlan } from "../../src/plan/plan.ts";

let envoy: string;
/** Not the user's own: these tests leave orphans there, on purpose. */
let cacheDir: string;

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "mesh-load-test-"));
  envoy = await findEnvoy(null, {
    places: labPlaces(),
    onNote: () => undefined,
  });
});
afterAll(() => rm(cacheDir, { recursive: true }));

interface Start extends Partial<LabPlan> {
  readonly qps?: number;
  readonly notes?: string[];
  readonly signal?: AbortSignal;
}

function start({ qps = 100, notes = [], signal, ...plan }: Start = {}): Promise<Lab> {
  return startLab(
    { modes, workers: 2, workUs: 0, envoy, upstream: null, tls: false, ...plan },
    {
      qps,
      places: { envoyBin: undefined, path: "", cacheDir },
      onNote: (line) => void notes.push(line),
      ...(signal === undefined ? {} : { signal }),
    },
  );
}

function lives(pid: number): Promise<boolean> {
  return readFile(`/proc/${pid}/stat`, "utf8").then(
    (text) => text.slice(text.lastIndexOf(")") + 2, text.lastIndexOf(")") + 3) !== "Z",
    () => false,
  );
}

describe("a lab that is up", () => {
  test("answers at every listener over HTTP/1.1, with the name of the worker", async () => {
    await using lab = await start();
    expect(lab.targets.map(({ mode, listener }) => [mode, listener])).toEqual(
      modes.map((mode) => [mode, mode]),
    );
    for (const { url } of lab.targets) {
      const response = await fetch(url);
      expect(response.headers.get("x-envoy-worker")).toMatch(/^wrk:worker_[01]$/);
      expect([response.status, await response.text()]).toEqual([200, "ok"]);
    }
    expect(lab.work).toBeNull();
    const info = (await (await fetch(`${lab.admin}/server_info`)).json()) as {
      version: string;
      command_line_options: { concurrency: number };
    };
    expect(info.version).toContain(`/${lab.version}/`);
    expect(info.command_line_options.concurrency).toBe(2);
  });

  test("answers over HTTP/2 without TLS at the same ports", async () => {
    await using lab = await start({ modes: ["reuse_port"] });
    const session = connect(lab.targets[0]!.url);
    const stream = session.request({ ":path": "/" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    expect(headers[":status"]).toBe(200);
    expect(headers["x-envoy-worker"]).toMatch(/^wrk:worker_[01]$/);
    session.destroy();
  });

  test("ends each connection at its limit of requests, though its work was calibrated with more", async () => {
    const limits = { maxRequests: 5, maxDurationUs: null };
    await using lab = await start({ modes: ["default"], limits, workUs: 100 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let sent = 0; sent < 20; sent++) {
      const request = get(lab.targets[0]!.url, { agent });
      const [response] = (await once(request, "response")) as [IncomingMessage];
      ports.add(response.socket.localPort);
      await once(response.resume(), "close");
    }
    agent.destroy();
    expect(ports.size).toBe(4);
  });

  test("stands beside another, each with a process and ports of its own", async () => {
    const [first, second] = await Promise.all([start(), start()]);
    await using _first = first;
    await using _second = second;
    const targets = [...first.targets, ...second.targets];
    const urls = [first.admin, second.admin, ...targets.map(({ url }) => url)];
    expect(new Set(urls).size).toBe(2 + 2 * modes.length);
    expect(first.pid).not.toBe(second.pid);
    for (const { url } of targets) expect((await fetch(url)).status).toBe(200);
  });

  test("is gone once disposed, and its log stays", async () => {
    const lab = await start();
    expect(await lives(lab.pid)).toBe(true);
    await lab[Symbol.asyncDispose]();
    expect(await lives(lab.pid)).toBe(false);
    expect(await readFile(lab.logPath, "utf8")).toContain("starting main dispatch loop");
  });

  test("tells when its Envoy ends by itself", async () => {
    const notes: string[] = [];
    await using lab = await start({ notes });
    process.kill(lab.pid, "SIGKILL");
    await expect.poll(() => notes.join("\n")).toContain("ended with signal SIGKILL");
  });
});

describe("the work", () => {
  // Calibrated anew at each try: a virtual machine may change its speed between the calibration and the check.
  test("takes as much of a worker's CPU as it says", { retry: 3 }, async () => {
    const asked = 1000;
    await using lab = await start({ modes: ["default"], workers: 1, workUs: asked, qps: 500 });
    const { perRequestUs, baseUs } = lab.work!;
    expect(Math.abs(perRequestUs - asked)).toBeLessThan(1);
    const cpuUs = (await workerCpu(lab.pid, "wrk:worker_0"))!;
    await fetch(lab.targets[0]!.url);
    const beforeUs = await cpuUs();
    for (let sent = 0; sent < 150; sent++) await (await fetch(lab.targets[0]!.url)).text();
    const perRequest = ((await cpuUs()) - beforeUs) / 150;
    expect(perRequest / (asked + baseUs)).toBeGreaterThan(0.85);
    expect(perRequest / (asked + baseUs)).toBeLessThan(1.15);
  });

  test("fills 82 % of a worker where it may choose", async () => {
    await using lab = await start({ workUs: "auto", qps: 500 });
    const { perRequestUs, baseUs, iterations } = lab.work!;
    expect(((perRequestUs + baseUs) * 500) / 1e6).toBeCloseTo(0.82, 2);
    expect(Number(await readFile(join(lab.logPath, "..", "turns"), "utf8"))).toBe(iterations);
  });
});

describe("a real upstream", () => {
  const plans = [
    { protocol: "http/1.1", delayUs: 0, sizeBytes: 1000, status: 503 },
    { protocol: "h2c", delayUs: 150_000, sizeBytes: 70_000, status: 201 },
  ] as const;
  test.each(plans)("answers as planned through every listener: %j", async (upstream) => {
    await using lab = await start({ upstream, workUs: 50 });
    for (const { url } of lab.targets) {
      const startedMs = performance.now();
      const response = await answer(url);
      let bytes = 0;
      for await (const chunk of response) bytes += (chunk as Buffer).length;
      expect([response.statusCode, bytes]).toEqual([upstream.status, upstream.sizeBytes]);
      expect(performance.now() - startedMs).toBeGreaterThan(upstream.delayUs / 1e3 - 1);
    }
  });

  test("answers large bodies to many at once, though they share a session of HTTP/2", async () => {
    const upstream = { protocol: "h2c", delayUs: 0, sizeBytes: 1_000_000, status: 200 } as const;
    await using lab = await start({ modes: ["default"], workers: 1, upstream });
    const sizes = await Promise.all(
      Array.from({ length: 48 }, async () => {
        const response = await fetch(lab.targets[0]!.url);
        return [response.status, (await response.bytes()).length];
      }),
    );
    expect(sizes).toEqual(sizes.map(() => [200, 1_000_000]));
  });
});

function answer(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => void get(url, resolve).on("error", reject));
}

describe("an Envoy that cannot be had", () => {
  test("is reported with its last lines where it ends at its start", async () => {
    const broken = join(cacheDir, "broken");
    const lines = Array.from({ length: 30 }, (_, line) => `line ${line + 1}.`);
    await writeFile(
      broken,
      `#!/bin/sh\nprintf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")}\nexit 7\n`,
    );
    await chmod(broken, 0o755);
    const error = await start({ envoy: broken }).catch(
      (thrown: unknown) => thrown as Error & { hint: string },
    );
    expect(error).toMatchObject({ code: "ENVOY_FAILED" });
    const { message, hint } = error as Error & { hint: string };
    expect(message).toBe(
      `Envoy (${broken}) ended with exit code 7; its last lines:\n${lines.slice(10).join("\n")}`,
    );
    const log = /in (\S+)\.$/.exec(hint)![1]!;
    expect(await readFile(log, "utf8")).toBe(`${lines.join("\n")}\n`);
  });

  test("is reported where the file cannot run here", async () => {
    const foreign = join(cacheDir, "foreign");
    await writeFile(foreign, "#!/nowhere/interpreter\n");
    await chmod(foreign, 0o755);
    await expect(start({ envoy: foreign })).rejects.toMatchObject({
      code: "ENVOY_FAILED",
      message: `cannot start ${foreign}: spawn ${foreign} ENOENT`,
    });
  });

  test("is reported where there is none", async () => {
    await expect(start({ envoy: "/nowhere/envoy" })).rejects.toMatchObject({ code: "ENVOY_NOT_FOUND" });
  });

  test("does not start where the start was called off", async () => {
    const reason = new Error("interrupted");
    await expect(start({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("no Envoy is left behind", () => {
  const programme = fileURLToPath(new URL("./lab-owner.ts", import.meta.url));

  async function owner(end: string): Promise<{ child: ChildProcess; envoyPid: number }> {
    const child = spawn(process.execPath, [programme, envoy, cacheDir, end], {
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    });
    const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
    return { child, envoyPid: Number(line) };
  }

  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)(
    "by %s, which still ends its owner",
    async (signal) => {
      const { child, envoyPid } = await owner("waits");
      child.kill(signal);
      expect(await once(child, "exit")).toEqual([null, signal]);
      await expect.poll(() => lives(envoyPid)).toBe(false);
    },
  );

  test("by a crash", async () => {
    const { child, envoyPid } = await owner("crashes");
    if (child.exitCode === null) await once(child, "exit");
    expect(child.exitCode).toBe(1);
    await expect.poll(() => lives(envoyPid)).toBe(false);
  });

  test("by a terminal's Ctrl-C, which nevertheless leaves it up for an owner that has yet to drain", async () => {
    const { child, envoyPid } = await owner("handles-signals");
    process.kill(-child.pid!, "SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await lives(envoyPid)).toBe(true);
    child.kill("SIGTERM");
    await once(child, "exit");
    await expect.poll(() => lives(envoyPid)).toBe(false);
  });

  test("but by SIGKILL, and then the next start names it", async () => {
    const { child, envoyPid } = await owner("waits");
    child.kill("SIGKILL");
    await once(child, "exit");
    try {
      const notes: string[] = [];
      await using _lab = await start({ notes });
      expect(notes).toEqual([
        `An Envoy of an earlier mesh-load (PID ${child.pid}, killed) still runs and takes CPU: end it with "kill ${envoyPid}"`,
      ]);
    } finally {
      process.kill(envoyPid, "SIGKILL");
    }
    await expect.poll(() => lives(envoyPid)).toBe(false);
    const notes: string[] = [];
    await using _lab = await start({ notes });
    expect(notes).toEqual([]);
  });
});
