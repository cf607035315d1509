import { expect, test } from "vitest";
import { deniesSteering } from "../../src/scraper/steering.ts";

// As Envoy 1.40 writes it, with other lines about both listeners around it.
const log = `[2026-01-01 00:00:00.000][7][info][config] [source/common/listener_manager/listener_manager_impl.cc:1] add listener 'edge'
[2026-01-01 00:00:00.001][7][warning][config] [source/common/listener_manager/listener_impl.cc:1016] the CPU locality connection balancer is configured for TCP listener 'edge' but reuse port BPF CPU steering is not active, so new connections are not steered to CPU-local workers.
[2026-01-01 00:00:00.002][7][info][config] [source/common/listener_manager/listener_manager_impl.cc:1] add listener 'edge2'
`;

test("Envoy's log denies the steering of the listener that it names, and of no other", () => {
  expect(["edge", "edge2", "ed"].map((name) => deniesSteering(log, name))).toEqual([true, false, false]);
});
