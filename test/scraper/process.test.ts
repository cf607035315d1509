import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { findProcess, lookAtProcess } from "../../src/scraper/process.ts";

describe("lookAtProcess", () => {
  it("sees this process: its sockets, our own network, and no Envoy workers", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo;
      const view = await lookAtProcess(process.pid, [{ host: "127.0.0.1", port }]);
      if (typeof view === "string") throw new Error(view);
      expect(view).toMatchObject({ pid: process.pid, sameNetwork: true, isEnvoy: false });
      const row = view.table!.find(({ localPort, state }) => localPort === port && state === "LISTEN");
      expect(view.descriptors).toContain(row!.inode);
      const elsewhere = await lookAtProcess(process.pid, [{ host: "127.0.0.1", port: 1 }]);
      expect(elsewhere).toMatchObject({ workers: new Map(), descriptors: [] });
    } finally {
      server.close();
    }
  });

  it("says in words that there is no such process", async () => {
    const nobody = 2 ** 22 + 1;
    expect(await lookAtProcess(nobody)).toBe(
      `there is no process ${nobody} on this machine, or its /proc is hidden`,
    );
  });
});

describe("findProcess", () => {
  it("does not take a process without Envoy's workers for Envoy", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await findProcess(`http://127.0.0.1:${port}`)).toEqual(expect.any(String));
    server.close();
  });

  it("does not look for an admin on another machine, or behind a name that is none", async () => {
    expect(await findProcess("http://192.0.2.1:9901")).toBeNull();
    expect(await findProcess("http://no-such-host.invalid:9901")).toBeNull();
  });
});
