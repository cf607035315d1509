import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePorts } from "../../src/lab/ports.ts";

test("gives as many different ports as asked for, each free to bind", async () => {
  const ports = await freePorts(8);
  expect(new Set(ports).size).toBe(8);
  for (const port of ports) {
    const server = createServer().listen({ host: "127.0.0.1", port });
    await once(server, "listening");
    server.close();
  }
});
