/** Connections and requests side by side with the real Fortio: the same flags, the same server, what it saw of each. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { findPeer } from "../bench/install.ts";
import { fortio } from "../bench/peers/fortio.ts";
import { meshLoad } from "../cli/mesh-load.ts";
import { uuid4 } from "../driver/uuid4.ts";
import { okResponse } from "../servers/behaviours.ts";
import { startServer } from "../servers/start-server.ts";

const run = promisify(execFile);
const places = labPlaces();

const found = await findPeer(fortio, {
  cacheDir: join(places.cacheDir, "peers"),
  path: places.path,
  allowed: true,
  note: () => {},
});
if (typeof found === "string") throw new Error(`Fortio: ${found}`);
const {
  argv: [program = "", ...leading],
} = found;

interface Seen {
  /** Requests of each connection that had any. */
  readonly served: number[];
  readonly heads: string[];
  readonly bodies: string[];
}

/** What a server sees of a command, as a `client` makes it of its URL. */
async function seenOf(client: (url: string) => Promise<unknown>): Promise<Seen> {
  const served = new Map<unknown, number>();
  const heads: string[] = [];
  const bodies: string[] = [];
  await using server = await startServer({
    onRequest: (socket, { head, body }) => {
      served.set(socket, (served.get(socket) ?? 0) + 1);
      heads.push(head);
      bodies.push(body);
      const http10 = head.includes("HTTP/1.0");
      const kept = !http10 || /connection: keep-alive/i.test(head);
      const answer =
        http10 && kept ? okResponse().replace("200 OK", "200 OK\r\nConnection: keep-alive") : okResponse();
      socket.write(answer);
      if (!kept) socket.end();
    },
  });
  await client(server.url);
  return { served: [...served.values()], heads, bodies };
}

/** What the server saw of Fortio and of mesh-load, called with the same flags; `path` is added to the URL. */
async function both(flags: string, path = ""): Promise<{ theirs: Seen; ours: Seen }> {
  const list = flags.split(" ");
  return {
    theirs: await seenOf((url) => run(program, [...leading, "load", "-quiet", ...list, url + path])),
    ours: await seenOf((url) => meshLoad(["run", url + path, "-no-save", "-quiet", ...list])),
  };
}

const lineOf = (head: string, name: string): string | undefined =>
  new RegExp(`\r\n${name}: *(.*)`, "i").exec(head)?.[1];

const asked = ({ heads, bodies }: Seen) => [heads.map((head) => head.split("\r\n")[0]), bodies];
const versions = ({ heads }: Seen) => new Set(heads.map((head) => head.split("\r\n")[0]));

test("-connection-reuse: connections serve as many requests, within the range", async () => {
  const fixed = await both("-c 2 -qps 400 -n 40 -connection-reuse 5:5");
  expect(fixed.ours.served).toEqual(Array.from({ length: 8 }, () => 5));
  expect(fixed.theirs.served.toSorted()).toEqual(fixed.ours.served);
  const drawn = await both("-c 2 -qps 800 -n 1200 -connection-reuse 3:9");
  for (const { served } of [drawn.theirs, drawn.ours]) {
    expect(served.reduce((sum, count) => sum + count)).toBe(1200);
    expect(Math.max(...served)).toBe(9);
    // The last of each of the two is cut off by the end.
    expect(served.filter((count) => count < 3).length).toBeLessThanOrEqual(2);
    // A draw is 6 ± 2, and so the count 200 ± 2 / 6 × √200: within five times that.
    expect(Math.abs(served.length - 1200 / 6)).toBeLessThan(25);
  }
});

test("-http1.0: the same version; Fortio's connections end with each response, since it does not ask for more", async () => {
  const { theirs, ours } = await both("-c 2 -qps 200 -n 20 -http1.0");
  expect(versions(ours)).toEqual(versions(theirs));
  expect([...versions(ours)]).toEqual(["GET / HTTP/1.0"]);
  expect(ours.heads.map((head) => lineOf(head, "connection"))).toEqual(Array<string>(20).fill("keep-alive"));
  expect(ours.served.toSorted()).toEqual([10, 10]);
  expect(theirs.served).toEqual(Array<number>(20).fill(1));
});

test.each([
  ["URL", "", "x/{uuid}", (seen: Seen) => seen.heads.map((head) => /^GET \/x\/(\S+) /.exec(head)![1]!)],
  ["payload", " -payload {uuid}", "", (seen: Seen) => seen.bodies],
] as const)("{uuid} in the %s: one of its own in each request", async (_, flag, path, uuidsOf) => {
  const { theirs, ours } = await both(`-c 1 -qps 100 -n 20${flag}`, path);
  for (const uuids of [uuidsOf(theirs), uuidsOf(ours)]) {
    for (const uuid of uuids) expect(uuid).toMatch(uuid4);
    expect(new Set(uuids).size).toBe(20);
  }
});

const away = (url: string): string => url.replace("127.0.0.1", "does-not-exist.invalid");

test("-resolve: connects there, and asks for the URL's host", async () => {
  const flags = "-c 2 -qps 200 -n 20 -resolve 127.0.0.1".split(" ");
  const theirs = await seenOf((url) => run(program, [...leading, "load", "-quiet", ...flags, away(url)]));
  const ours = await seenOf((url) => meshLoad(["run", away(url), "-no-save", "-quiet", ...flags]));
  for (const { heads } of [theirs, ours]) {
    expect(heads.length).toBe(20);
    for (const head of heads) expect(lineOf(head, "host")).toMatch(/^does-not-exist\.invalid:\d+$/);
  }
});

test("-X -H -payload -content-type -user: the same request", async () => {
  const { theirs, ours } = await both(
    "-c 1 -qps 100 -n 5 -X PUT -H X-A:1 -H Host:other.example -payload abc -content-type text/x -user a:b",
  );
  for (const name of ["x-a", "host", "content-type", "content-length", "authorization"])
    expect([name, lineOf(ours.heads[0]!, name)]).toEqual([name, lineOf(theirs.heads[0]!, name)]);
  expect(asked(ours)).toEqual(asked(theirs));
});
