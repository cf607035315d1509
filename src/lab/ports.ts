/** Free loopback ports, chosen by the kernel. */

import { once } from "node:events";
import { createServer } from "node:net";

/**
 * `count` different TCP ports of 127.0.0.1 that were free a moment ago. All are held until the last is known, then
 * released: whoever binds them must be ready to lose one to somebody else, and ask again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(async (server) => {
        server.listen({ host: "127.0.0.1", port: 0 });
        await once(server, "listening");
        return (server.address() as { port: number }).port;
      }),
    );
  } finally {
    await Promise.all(
      servers.map((server) => new Promise<void>((resolve) => void server.close(() => resolve()))),
    );
  }
}
