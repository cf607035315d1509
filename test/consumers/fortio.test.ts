/** The flags that docs/FORTIO.md calls the same, side by side with the real Fortio, as a server of neither sees them. */

import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { findPeer } from "../bench/install.ts";
import { fortio } from "../bench/peers/fortio.ts";
import { fortioRows } from "../cli/fortio-page.ts";
import { start, temporaryDirectory } from "../cli/mesh-load.ts";
import { authority, days, file, startTls } from "../servers/tls.ts";

const run = promisify(execFile);
const places = labPlaces();
let binary = "";

beforeAll(async () => {
  const cacheDir = join(places.cacheDir, "peers");
  const program = await findPeer(fortio, { cacheDir, path: places.path, allowed: true, note: () => {} });
  if (typeof program === "string") throw new Error(`fortio: ${program}`);
  binary = program.argv[0]!;
});

/** What a server saw of one load. */
interface Seen {
  /** Each request as text, sorted. */
  readonly requests: readonly string[];
  readonly connections: number;
  /** From the first request to the last. */
  readonly seconds: number;
}

/** A plain Node server on a free port, or on a Unix domain socket. */
async function recorder(socket?: string) {
  let requests: string[] = [];
  let times: number[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      times.push(performance.now());
      requests.push(described(request, Buffer.concat(parts)));
      response.end("hello");
    });
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(socket ?? { port: 0, host: "127.0.0.1" }, resolve));
  return {
    url:
      socket === undefined
        ? `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        : "http://localhost",
    /** What came since the last time it was asked. */
    take(): Seen {
      const seconds = (times.at(-1)! - times[0]!) / 1e3;
      const seen = { requests: requests.sort(), connections, seconds };
      [requests, times, connections] = [[], [], 0];
      return seen;
    },
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Who asks is the one thing that must differ; random bytes can only be counted. */
function described(request: IncomingMessage, body: Buffer): string {
  const { method, url, httpVersion, headers } = request;
  const { "user-agent": _, ...others } = headers;
  const text = body.includes("plain") ? body.toString() : `${body.length} bytes`;
  return [method, url, httpVersion, JSON.stringify(Object.entries(others).sort()), text].join(" ");
}

/** Names of the files saved in a folder, without the time that they begin with. */
function saved(folder: string): string[] {
  return readdirSync(folder).map((name) => name.replace(/^[\d-]{17}/, ""));
}

const eight = ["-n", "8", "-c", "2", "-qps", "0"];

/** Arguments for each flag; `FILE` and `SOCKET` stand for paths. */
const cases: Readonly<Record<string, readonly string[]>> = {
  c: ["-n", "12", "-c", "3", "-qps", "0"],
  H: [...eight, "-H", "x-one: 1", "-H", "Host: elsewhere:80", "-H", "x-two: a: b"],
  X: [...eight, "-X", "DELETE"],
  payload: [...eight, "-payload", "plain text"],
  "payload-file": [...eight, "-payload-file", "FILE", "-X", "PUT"],
  "payload-size": [...eight, "-payload-size", "1234"],
  "content-type": [...eight, "-content-type", "text/x"],
  user: [...eight, "-user", "me:se:cret"],
  keepalive: [...eight, "-keepalive=false"],
  "unix-socket": [...eight, "-unix-socket", "SOCKET"],
  "calc-qps": ["-n", "20", "-t", "2s", "-c", "2", "-calc-qps"],
  runid: [...eight, "-runid", "42", "-labels", "my run"],
};

/** Likewise, of a server whose certificate only `CA` vouches for, and which asks for one of its client. */
const tlsCases: Readonly<Record<string, readonly string[]>> = {
  k: [...eight, "-k"],
  "https-insecure": [...eight, "-https-insecure"],
  cacert: [...eight, "-cacert", "CA"],
  cert: [...eight, "-cacert", "CA", "-cert", "CERT", "-key", "KEY"],
  key: [...eight, "-k", "-cert", "CERT", "-key", "KEY"],
};

test("every flag that the page calls the same is compared here, and no other", () => {
  const same = fortioRows.filter(({ here }) => here === "same").map(({ name }) => name);
  expect(Object.keys({ ...cases, ...tlsCases }).sort()).toEqual(same.sort());
});

test("the page names every flag of Fortio's own help", async () => {
  const { stdout, stderr } = await run(binary, ["help"]);
  const theirs = [...`${stdout}${stderr}`.matchAll(/^ {2}-([\w.-]+)/gm)].map(([, name]) => name!);
  expect(theirs.length).toBeGreaterThan(90);
  expect(fortioRows.map(({ name }) => name).sort()).toEqual(theirs.sort());
});

test.each(Object.entries(cases))("-%s is Fortio's", async (flag, given) => {
  using directory = temporaryDirectory();
  const [file, socket] = ["body", "socket"].map((name) => join(directory.path, name)) as [string, string];
  writeFileSync(file, "plain from a file");
  using server = await recorder(flag === "unix-socket" ? socket : undefined);
  const args = given.map((arg) => ({ FILE: file, SOCKET: socket })[arg] ?? arg);
  const url = `${server.url}/a?b=c`;

  const [theirs, ours] = [join(directory.path, "theirs"), join(directory.path, "ours")];
  mkdirSync(theirs);
  await run(binary, ["load", ...args, "-quiet", "-a", "-data-dir", theirs, url], { cwd: directory.path });
  const fortioSaw = server.take();
  const { code, stderr } = await start(["run", url, ...args, "-quiet", "-a", "-data-dir", ours], {
    cwd: directory.path,
  }).ended;
  const meshLoadSaw = server.take();

  expect(fortioSaw.requests).toHaveLength(Number(args[1]));
  expect(meshLoadSaw.requests).toEqual(fortioSaw.requests);
  expect(meshLoadSaw.connections).toBe(fortioSaw.connections);
  // Fortio's period is T / (n − 1), so that its last request starts when ours is over.
  expect(Math.abs(meshLoadSaw.seconds - fortioSaw.seconds)).toBeLessThan(1.2);
  // A busy machine may make ours late, and it says so.
  expect([0, 4], stderr).toContain(code);
  if (flag === "runid") {
    expect(saved(ours)).toEqual(["_42_my_run.json"]);
    expect(saved(theirs)).toEqual(["_42_my_run.json"]);
  }
});

test.each(Object.entries(tlsCases))("-%s is Fortio's", async (_, given) => {
  using directory = temporaryDirectory();
  const client = authority.issue("a client", [], days(-1, 1));
  const paths: Record<string, string> = {
    CA: file("fortio-ca.pem", authority.certificate),
    CERT: file("fortio-client.pem", client.certificate),
    KEY: file("fortio-client.key", client.key),
  };
  await using server = await startTls({
    requestCert: true,
    rejectUnauthorized: false,
    ca: authority.certificate,
  });
  const args = given.map((arg) => paths[arg] ?? arg);
  await run(binary, ["load", ...args, "-quiet", server.url], { cwd: directory.path });
  // Whether a protocol is named by ALPN is the client's own affair; what is agreed on is not.
  const seen = () =>
    server.secured.map(({ version, serverName, client: name }) => ({ version, serverName, name }));
  const theirs = seen();
  expect(theirs).toHaveLength(2);
  expect(theirs[0]!.name).toBe(given.includes("CERT") ? "a client" : undefined);
  const { code, stderr } = await start(["run", server.url, ...args, "-quiet", "-no-save"], {
    cwd: directory.path,
  }).ended;
  expect([0, 4], stderr).toContain(code);
  expect(seen().slice(2)).toEqual(theirs);
});

test("a certificate that nobody vouches for is refused by both", async () => {
  using directory = temporaryDirectory();
  await using server = await startTls();
  await run(binary, ["load", ...eight, "-quiet", server.url], { cwd: directory.path });
  const { code } = await start(["run", server.url, ...eight, "-quiet", "-no-save"], { cwd: directory.path })
    .ended;
  expect(server.secured).toEqual([]);
  // Fortio has ended with 0.
  expect(code).toBe(3);
});
