import { expect, test } from "vitest";
import { renderListeners } from "../../src/cli/inspect.ts";

test("each listener is a paragraph that ends with the answer", () => {
  const applied = {
    name: "reuse_port",
    address: "127.0.0.1:8082",
    configured: "reuse_port",
    inEffect: "reuse_port",
    sockets: 2,
    descriptors: 2,
    workers: [
      { id: 0, connections: 3 },
      { id: 1, connections: 5 },
    ],
    applied: "yes",
    reason: "2 listening sockets on 2 descriptors",
  } as const;
  const hidden = {
    name: "",
    address: "10.0.0.1:80",
    configured: "default",
    inEffect: null,
    sockets: null,
    descriptors: null,
    workers: [],
    applied: "unknown",
    reason: "the Envoy is not on this machine, so its sockets are out of sight",
  } as const;
  expect(renderListeners([applied, hidden])).toMatchInlineSnapshot(`
    "reuse_port  127.0.0.1:8082
      configured   reuse_port
      in effect    reuse_port, 2 sockets, 2 descriptors
      connections  8 now: worker_0 3, worker_1 5
      applied      yes: 2 listening sockets on 2 descriptors

    (unnamed)  10.0.0.1:80
      configured   default (shared socket)
      in effect    unknown
      connections  not shown
      applied      unknown: the Envoy is not on this machine, so its sockets are out of sight
    "
  `);
});

test("an Envoy without listeners says so", () => {
  expect(renderListeners([])).toBe("This Envoy has no listeners.\n");
});
