import { describe, expect, it } from "vitest";
import { findLinks } from "../../src/mapping/links.ts";
import type { ProxySockets } from "../../src/mapping/links.ts";
import { parseTcpTable } from "../../src/scraper/sockets-table.ts";
import type { TcpSocket } from "../../src/scraper/sockets-table.ts";

/** `10.0.0.1:80 < 10.0.0.2:4000`: inode 7 */
function socket(local: string, remote: string, inode: number): TcpSocket {
  const [localAddress = "", localPort] = local.split(":");
  const [remoteAddress = "", remotePort] = remote.split(":");
  const ends = { localAddress, localPort: Number(localPort), remoteAddress, remotePort: Number(remotePort) };
  return { ...ends, state: remote === "0.0.0.0:0" ? "LISTEN" : "ESTABLISHED", inode };
}

const proxy = (table: readonly TcpSocket[], workerOf: Record<number, number>): ProxySockets => ({
  table,
  workerOf: new Map(Object.entries(workerOf).map(([inode, worker]) => [Number(inode), worker])),
});

describe("findLinks", () => {
  const table = [
    socket("10.0.0.1:8080", "0.0.0.0:0", 1),
    socket("10.0.0.1:8080", "10.0.0.9:5000", 2),
    socket("10.0.0.1:40001", "10.0.0.2:80", 3),
    socket("10.0.0.1:40002", "10.0.0.2:80", 4),
    socket("10.0.0.1:40003", "10.0.0.2:81", 5),
  ];
  const before = proxy(table, { 2: 0, 3: 0, 4: 1, 5: 1 });

  it("joins each upstream socket with the end that was accepted, whatever address that one has", () => {
    const after = proxy(
      [
        socket("10.0.0.2:80", "10.0.0.1:40001", 11),
        // Redirected: accepted at another address than was connected to.
        socket("127.0.0.1:15006", "10.0.0.1:40002", 12),
      ],
      { 11: 1, 12: 0 },
    );
    expect(findLinks(before, after, new Set())).toEqual({
      links: [
        { end: "10.0.0.1 40001 10.0.0.2 80", from: 0, to: 1 },
        { end: "10.0.0.1 40002 10.0.0.2 80", from: 1, to: 0 },
      ],
      unmapped: 0,
      elsewhere: 0,
    });
  });

  it("counts only what the driven listener accepted, and what it has from others", () => {
    const after = proxy(
      [
        socket("10.0.0.2:80", "10.0.0.1:40001", 11),
        socket("10.0.0.2:81", "10.0.0.1:40003", 12),
        socket("10.0.0.2:80", "10.0.0.7:40001", 13),
      ],
      { 11: 1, 12: 1, 13: 0 },
    );
    const { links, elsewhere } = findLinks(before, after, new Set([80]));
    expect(links.map(({ from, to }) => [from, to])).toEqual([[0, 1]]);
    expect(elsewhere).toBe(1);
  });

  it("does not take a connection that the proxy before accepted for one of its own to the next", () => {
    const after = proxy([socket("10.0.0.9:5000", "10.0.0.1:8080", 11)], { 11: 0 });
    expect(findLinks(before, after, new Set()).links).toEqual([]);
  });

  it("guesses no worker where the same port leads to two places and neither is the address", () => {
    const after = proxy(
      [socket("127.0.0.1:15006", "10.0.0.1:40001", 11), socket("127.0.0.1:15007", "10.0.0.1:40001", 12)],
      { 11: 0, 12: 1 },
    );
    expect(findLinks(before, after, new Set())).toMatchObject({ links: [], unmapped: 1 });
    const exact = proxy(
      [socket("10.0.0.2:80", "10.0.0.1:40001", 11), socket("127.0.0.1:15007", "10.0.0.1:40001", 12)],
      { 11: 0, 12: 1 },
    );
    expect(findLinks(before, exact, new Set()).links).toMatchObject([{ from: 0, to: 0 }]);
  });

  it("reads both ends as the kernel writes them", () => {
    const rows = parseTcpTable(
      [
        "  0: 0100007F:9C41 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  0 0 21 1",
        "  1: 0100007F:1F90 0100007F:9C41 01 00000000:00000000 00:00000000 00000000  0 0 22 1",
        "  2: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 23 1",
      ].join("\n"),
    );
    const { links } = findLinks(proxy(rows, { 21: 3 }), proxy(rows, { 22: 5 }), new Set([8080]));
    expect(links).toEqual([{ end: "127.0.0.1 40001 127.0.0.1 8080", from: 3, to: 5 }]);
  });
});
