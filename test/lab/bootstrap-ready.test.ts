import { expect, test } from "vitest";
import { parseTcpListeners } from "../../src/lab/bootstrap-ready.ts";

const socket = (name: string, address: string, port: number, protocol?: string) => ({
  name,
  local_address: { socket_address: { address, port_value: port, ...(protocol && { protocol }) } },
});

test("listeners are those of TCP, wildcards as loopback, with the port that was bound", () => {
  const statuses = [
    socket("web", "0.0.0.0", 8080),
    socket("six", "::", 8081),
    socket("own", "10.1.2.3", 8082),
    socket("quic", "0.0.0.0", 8080, "UDP"),
    { name: "pipe", local_address: { pipe: { path: "/run/x" } } },
    { name: "internal" },
  ];
  expect(parseTcpListeners(JSON.stringify({ listener_statuses: statuses }))).toEqual([
    { name: "web", host: "127.0.0.1", port: 8080 },
    { name: "six", host: "::1", port: 8081 },
    { name: "own", host: "10.1.2.3", port: 8082 },
  ]);
  expect(parseTcpListeners("{}")).toEqual([]);
});
