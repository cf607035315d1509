import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { createAdmin } from "../../src/scraper/admin.ts";
import type { Admin } from "../../src/scraper/admin.ts";
import { recordedText } from "./recorded.ts";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) server.close();
});

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An admin whose Envoy is played by `answer`. */
async function adminAt(answer: RequestListener, path = ""): Promise<Admin> {
  return createAdmin(`${await listen(createServer(answer))}${path}`);
}

describe("createAdmin", () => {
  it("reads version and workers from a recorded /server_info", async () => {
    await using admin = await adminAt((_, response) =>
      response.end(recordedText("server-info-4-workers.json")),
    );
    expect(await admin.serverInfo()).toEqual({ version: "1.40.0", concurrency: 4 });
  });

  it("asks for JSON and sends the filter unharmed, below the path of the URL", async () => {
    const paths: string[] = [];
    await using admin = await adminAt((request, response) => {
      paths.push(request.url!);
      response.end("{}");
    }, "/envoy/");
    await admin.stats("^listener\\.a+b&c$");
    await admin.stats("x", { detailed: true });
    await admin.configDump();
    await admin.listeners();
    const asked = paths.map((path) => new URL(path, "http://a"));
    expect(asked.map(({ pathname }) => pathname)).toEqual([
      "/envoy/stats",
      "/envoy/stats",
      "/envoy/config_dump",
      "/envoy/listeners",
    ]);
    expect(Object.fromEntries(asked[0]!.searchParams)).toEqual({
      format: "json",
      filter: "^listener\\.a+b&c$",
    });
    expect(asked[1]!.searchParams.get("histogram_buckets")).toBe("detailed");
    expect(admin.url).toMatch(/\/envoy$/);
  });

  it("says ADMIN_UNREACHABLE with the system's reason where nothing listens", async () => {
    const url = await listen(createTcpServer());
    open.pop()!.close();
    await using admin = createAdmin(url);
    await expect(admin.serverInfo()).rejects.toMatchObject({
      code: "ADMIN_UNREACHABLE",
      exitCode: 3,
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("says ADMIN_UNREACHABLE where the connection is closed without an answer", async () => {
    await using admin = createAdmin(await listen(createTcpServer((socket) => socket.end())));
    await expect(admin.configDump()).rejects.toMatchObject({ code: "ADMIN_UNREACHABLE" });
  });

  it("says ADMIN_NOT_ENVOY where a web server answers", async () => {
    await using missing = await adminAt((_, response) => response.writeHead(404).end("no"));
    await expect(missing.serverInfo()).rejects.toMatchObject({
      code: "ADMIN_NOT_ENVOY",
      message: expect.stringContaining("GET /server_info gave status 404"),
    });
    await using html = await adminAt((_, response) => response.end("<html>"));
    await expect(html.serverInfo()).rejects.toMatchObject({ code: "ADMIN_NOT_ENVOY" });
    await using foreign = await adminAt((_, response) => response.end('{"version":"1.2.3"}'));
    await expect(foreign.serverInfo()).rejects.toMatchObject({ code: "ADMIN_NOT_ENVOY" });
    await using empty = await adminAt((_, response) => response.end("null"));
    await expect(empty.serverInfo()).rejects.toMatchObject({ code: "ADMIN_NOT_ENVOY" });
  });

  it("tells a page for Prometheus of another program from an Envoy's that shows no such stat", async () => {
    await using other = await adminAt(
      (_, response) => response.end('# TYPE node_cpu counter\nnode_cpu{cpu="0"} 12\n'),
      "/stats/prometheus",
    );
    await expect(other.stats("^listener\\.")).rejects.toMatchObject({
      code: "ADMIN_NOT_ENVOY",
      message: `${other.url} answers, but not as Envoy's admin: none of its stats is an Envoy's`,
    });
    await using hiding = await adminAt((_, response) => response.end(""), "/stats/prometheus");
    expect(await hiding.stats("^listener\\.")).toEqual({ stats: [] });
  });

  it("says ADMIN_NOT_ENVOY where something answers that is no HTTP", async () => {
    await using admin = createAdmin(
      await listen(createTcpServer((socket) => socket.end("220 mail ready\r\n"))),
    );
    await expect(admin.serverInfo()).rejects.toMatchObject({
      code: "ADMIN_NOT_ENVOY",
      message: expect.stringContaining("HTTP/1.1"),
    });
  });
});
