import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import type { TargetPlan } from "../../src/plan/plan.ts";
import { startScraper } from "../../src/scraper/scraper.ts";
import { recordedText } from "./recorded.ts";

const open: { close(): unknown }[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** A web server that answers what was recorded of an Envoy's admin, so long as it is `awake`. */
async function recordedAdmin(state: { awake: boolean }): Promise<string> {
  const files: Record<string, string> = {
    "/server_info": recordedText("server-info-2-workers.json"),
    "/config_dump": recordedText("config-dump-2-workers.json"),
    "/listeners": "{}",
    "/stats": recordedText("stats-2-workers.json"),
  };
  const server = createServer((request, response) => {
    const text = files[request.url!.replace(/\?.*/, "")];
    if (!state.awake || text === undefined) response.writeHead(503).end("asleep");
    else response.end(text);
  }).listen(0, "127.0.0.1");
  open.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function targetOf(changes: Partial<TargetPlan>): { target: TargetPlan; intervalMs: number } {
  const target = {
    name: "a",
    side: "" as const,
    mode: null,
    url: "http://127.0.0.1:29111/",
    admin: null,
    pid: null,
    listener: null,
  };
  return { target: { ...target, ...changes }, intervalMs: 1000 };
}

describe("startScraper", () => {
  it("finds the listener of the URL, or the one that a person names", async () => {
    const admin = await recordedAdmin({ awake: true });
    await using byUrl = await startScraper(targetOf({ admin }));
    expect(byUrl.listener).toBe("reuse_port");
    await using byName = await startScraper(targetOf({ admin, listener: "six" }));
    expect(byName.listener).toBe("[__1]_29115");
    expect(await byName.readActive!()).toEqual(
      new Map([
        [0, 1],
        [1, 2],
      ]),
    );
  });

  it("refuses a listener that is not there, and names those that are", async () => {
    const admin = await recordedAdmin({ awake: true });
    await expect(startScraper(targetOf({ admin, listener: "seven" }))).rejects.toMatchObject({
      code: "PLAN_IMPOSSIBLE",
      hint: "It has default, reuse_port, exact_balance, absent, istio_like, six, six_any.",
    });
  });

  it("throws where the admin that was asked for is none, or is not there", async () => {
    const admin = await recordedAdmin({ awake: false });
    await expect(startScraper(targetOf({ admin }))).rejects.toMatchObject({ code: "ADMIN_NOT_ENVOY" });
    open.pop()!.close();
    await expect(startScraper(targetOf({ admin }))).rejects.toMatchObject({ code: "ADMIN_UNREACHABLE" });
  });

  it("works without an admin and says what it cannot know", async () => {
    await using scraper = await startScraper(targetOf({}));
    expect(scraper).toMatchObject({ admin: null, pid: null, listener: null, readActive: null });
    scraper.begin();
    const observation = await scraper.stop();
    expect(observation.envoy).toBeNull();
    expect(observation.workers).toEqual([]);
    expect(observation.warnings.map(({ code }) => code)).toContain("workers-unseen");
  });

  it("refuses a process that is not there", async () => {
    await expect(startScraper(targetOf({ pid: 2 ** 22 + 1 }))).rejects.toMatchObject({
      code: "PROCESS_NOT_FOUND",
      message: "there is no process 4194305 (-pid)",
    });
  });

  it("says that no listener is on the address of the URL", async () => {
    const admin = await recordedAdmin({ awake: true });
    await using scraper = await startScraper(targetOf({ admin, url: "http://127.0.0.1:1/" }));
    const { warnings, proof } = await scraper.stop();
    expect(proof.reason).toContain("no listener on the address of http://127.0.0.1:1/");
    expect(warnings.map(({ message }) => message).join()).toContain("-listener NAME");
  });

  it("does not throw into the run when the admin falls silent", async () => {
    const state = { awake: true };
    await using scraper = await startScraper(targetOf({ admin: await recordedAdmin(state) }));
    state.awake = false;
    scraper.begin();
    const { counted, seconds } = await scraper.stop();
    expect(counted).toEqual({ connections: null, requests: null });
    expect(seconds.flatMap(({ workers }) => workers)).toEqual([]);
    await expect(scraper.readActive!()).rejects.toMatchObject({ code: "ADMIN_NOT_ENVOY" });
  });
});
