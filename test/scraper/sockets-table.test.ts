import { createServer, connect, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  listeningAt,
  parseTcpTable,
  parseUnixTable,
  readSocketDescriptors,
  readTcpTable,
  readUnixTable,
} from "../../src/scraper/sockets-table.ts";
import { temporaryDirectory } from "../cli/mesh-load.ts";

const heading =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

const listening = (local: string): string =>
  `   0: ${local}:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 7 1`;

describe("parseTcpTable", () => {
  it("reads addresses, ports, state and inode of IPv4 rows and skips the heading", () => {
    const rows = parseTcpTable(`${heading}
   0: 0100007F:2711 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 81234 1 0000000000000000 100 0 0 10 0
   1: 0100007F:2711 0201A8C0:B0C4 01 00000000:00000000 02:000005A0 00000000  1000        0 81300 2 0000000000000000 20 4 30 10 -1
   2: 0100007F:B0C4 0100007F:2711 06 00000000:00000000 03:0000176F 00000000     0        0 0 3 0000000000000000
`);
    expect(rows).toEqual([
      {
        localAddress: "127.0.0.1",
        localPort: 10001,
        remoteAddress: "0.0.0.0",
        remotePort: 0,
        state: "LISTEN",
        inode: 81234,
      },
      {
        localAddress: "127.0.0.1",
        localPort: 10001,
        remoteAddress: "192.168.1.2",
        remotePort: 45252,
        state: "ESTABLISHED",
        inode: 81300,
      },
      {
        localAddress: "127.0.0.1",
        localPort: 45252,
        remoteAddress: "127.0.0.1",
        remotePort: 10001,
        state: "OTHER",
        inode: 0,
      },
    ]);
  });

  it("writes IPv4-mapped addresses dotted and IPv6 ones compressed", () => {
    const addresses = [
      "0000000000000000FFFF00000100007F",
      "00000000000000000000000001000000",
      "00000000000000000000000000000000",
      "B80D0120000000000000000001000000",
    ].map((hex) => parseTcpTable(listening(hex))[0]?.localAddress);
    expect(addresses).toEqual(["127.0.0.1", "::1", "::", "2001:db8::1"]);
  });

  it("finds nothing in text that is no table", () => {
    expect(parseTcpTable("")).toEqual([]);
    expect(parseTcpTable("one two three\nfour")).toEqual([]);
  });
});

describe("the tables of this process", () => {
  it("joins both ends of a connection of ours to descriptors of ours", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const port = (server.address() as AddressInfo).port;
    const client = connect(port, "127.0.0.1");
    const [[accepted]] = (await Promise.all([once(server, "connection"), once(client, "connect")])) as [
      [ReturnType<typeof connect>],
      unknown,
    ];
    try {
      const rows = (await readTcpTable(process.pid)).filter(
        // Not what an earlier holder of the port left in TIME_WAIT.
        (row) => row.state !== "OTHER" && (row.localPort === port || row.remotePort === port),
      );
      expect(rows.map((row) => row.state).sort()).toEqual(["ESTABLISHED", "ESTABLISHED", "LISTEN"]);
      const ours = rows.find((row) => row.remotePort === port);
      expect(ours?.localPort).toBe(client.localPort);
      const inodes = new Set((await readSocketDescriptors(process.pid)).values());
      expect(rows.every((row) => inodes.has(row.inode))).toBe(true);
    } finally {
      client.destroy();
      accepted.destroy();
      server.close();
    }
  });

  it("says so with the system's error when the process is gone", async () => {
    await expect(readSocketDescriptors(2 ** 22 + 1)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(readTcpTable(2 ** 22 + 1)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("Unix domain sockets", () => {
  it("are those that listen, by the path that they were bound to", () => {
    expect(
      parseUnixTable(`Num       RefCount Protocol Flags    Type St Inode Path
000000003805ae4f: 00000002 00000000 00010000 0001 01 5232385 /run/a b.sock
00000000334fbefe: 00000003 00000000 00000000 0001 03  7 /run/a b.sock
000000004348c8af: 00000002 00000000 00000000 0002 01 5232399 /run/datagrams
0000000000000001: 00000002 00000000 00010000 0001 01 8 @abstract
0000000000000002: 00000002 00000000 00010000 0001 01 9
`),
    ).toEqual([
      { path: "/run/a b.sock", inode: 5232385 },
      { path: "@abstract", inode: 8 },
    ]);
  });

  it("are found at their path, among the descriptors of who holds them, and nothing is said of another", async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "a.sock");
    const server = createServer().listen(path);
    await once(server, "listening");
    const tables = { table: [], pipes: await readUnixTable(process.pid) };
    const [inode, ...more] = listeningAt(tables, path) ?? [];
    expect(more).toEqual([]);
    expect([...(await readSocketDescriptors(process.pid)).values()]).toContain(inode);
    expect(listeningAt(tables, `${path}.not`)).toBeNull();
    server.close();
  });
});
