import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { inspect } from "../src/inspect.ts";
import { recordedText } from "./scraper/recorded.ts";

const open: { close(): unknown }[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** A web server that answers what was recorded of an Envoy's admin. */
async function adminWith(files: Readonly<Record<string, string>>): Promise<string> {
  const server = createServer((request, response) => {
    const url = new URL(request.url!, "http://a");
    const inPlace = url.searchParams.get("filter")?.includes("in_place") === true;
    response.end(files[inPlace ? "in place" : url.pathname] ?? '{"stats":[]}');
  }).listen(0, "127.0.0.1");
  open.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const updated = { stats: [{ name: "listener_manager.listener_in_place_updated", value: 1 }] };

const two = {
  "/server_info": recordedText("server-info-2-workers.json"),
  "/config_dump": recordedText("config-dump-2-workers.json"),
  "/stats": recordedText("stats-2-workers.json"),
  "/listeners": "{}",
};

const lds = {
  "/server_info": recordedText("server-info-2-workers.json"),
  "/config_dump": recordedText("config-dump-lds.json"),
  "/listeners": recordedText("listeners-lds.json"),
  "in place": JSON.stringify(updated),
};

it("reports every listener with its mode and the connections that each worker holds", async () => {
  const reports = await inspect(await adminWith(two));
  expect(reports.map(({ name, address, configured }) => [name, address, configured])).toEqual([
    ["default", "127.0.0.1:29110", "default"],
    ["reuse_port", "127.0.0.1:29111", "reuse_port"],
    ["exact_balance", "127.0.0.1:29112", "exact_balance"],
    ["absent", "127.0.0.1:29113", "reuse_port"],
    ["istio_like", "0.0.0.0:29114", "exact_balance"],
    ["six", "[::1]:29115", "reuse_port"],
    ["six_any", "[::]:29116", "default"],
  ]);
  expect(reports[2]?.workers).toEqual([
    { id: 0, connections: 4 },
    { id: 1, connections: 5 },
  ]);
  expect(reports[6]?.workers).toEqual([]);
});

it("says unknown where the kernel is out of sight, and yes where the configuration alone tells", async () => {
  const reports = await inspect(await adminWith(two), { pid: process.pid });
  expect(reports.map(({ applied }) => applied)).toEqual([
    "unknown",
    "unknown",
    "yes",
    "unknown",
    "yes",
    "unknown",
    "unknown",
  ]);
  // A process without workers is not taken for the Envoy.
  expect(reports[0]?.sockets).toBeNull();
  expect(reports[0]?.reason).toContain("has no worker threads");
});

it("refuses a process that is not there", async () => {
  await expect(inspect(await adminWith(two), { pid: 2 ** 22 + 1 })).rejects.toMatchObject({
    code: "PROCESS_NOT_FOUND",
  });
});

it("says no to a rejected update, and cannot tell exact_balance after an update in place", async () => {
  const reports = await inspect(await adminWith(lds), { pid: process.pid });
  expect(reports.map(({ name, applied }) => [name, applied])).toEqual([
    ["", "unknown"],
    ["quic_like", "unknown"],
    ["uds", "unknown"],
    ["cpu", "unknown"],
    ["dyn", "no"],
    ["dyn_exact", "unknown"],
    ["zero", "unknown"],
    ["unbound", "yes"],
  ]);
  const reasonOf = (wanted: string): string | undefined =>
    reports.find(({ name }) => name === wanted)?.reason;
  expect(reasonOf("dyn")).toContain("reuse port cannot be changed during an update");
  expect(reasonOf("dyn_exact")).toContain("in place");
  expect(reasonOf("cpu")).toContain("whether workers are pinned to CPUs is not known");
});

it("refuses what is not an admin", async () => {
  await expect(inspect(await adminWith({}))).rejects.toMatchObject({ code: "ADMIN_NOT_ENVOY" });
  open.pop()!.close();
});
