/** `-map serial` through a whole run. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { driveOnce } from "./drive-once.ts";
import { startProxy } from "./mapping-proxy.ts";
import type { Proxy } from "./mapping-proxy.ts";

let proxy: Proxy;
beforeAll(async () => {
  proxy = await startProxy("127.0.0.1");
});
afterAll(async () => proxy[Symbol.asyncDispose]());

const targetOf = (mode: "reuse_port" | "default"): { url: string; admin: string } => ({
  url: `http://127.0.0.1:${proxy.portOf[mode]}/`,
  admin: proxy.admin,
});

test.each(["reuse_port", "default"] as const)(
  "knows every connection of %s, as epoll and header do",
  async (mode) => {
    const run = await driveOnce({ target: targetOf(mode), map: "serial", load: { connect: "serial" } });
    expect(run.failures).toEqual({});
    expect(run.mapping).toMatchObject({
      method: "serial",
      mapped: 24,
      unmapped: 0,
      checks: [
        { method: "epoll", compared: 24, disagreed: 0 },
        { method: "header", compared: 24, disagreed: 0 },
      ],
    });
  },
);

test("is refused where connections are opened as a burst, or without an admin", async () => {
  const burst = driveOnce({ target: targetOf("default"), map: "serial" });
  await expect(burst).rejects.toMatchObject({
    code: "PLAN_IMPOSSIBLE",
    message: "-map serial is not possible: connections are not opened one at a time (-connect serial)",
  });
  const { url } = targetOf("default");
  const blind = driveOnce({ target: { url }, map: "serial", load: { connect: "serial" } });
  await expect(blind).rejects.toMatchObject({
    message: "-map serial is not possible: the admin of the Envoy is not known (-admin)",
  });
});
