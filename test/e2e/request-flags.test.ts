/** The flags that say what is asked, as a server of Node's own receives it. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { ResultSet } from "../../src/result/result.ts";
import { meshLoad, temporaryDirectory } from "../cli/mesh-load.ts";
import { okResponse } from "../servers/behaviours.ts";
import { startCollectingServer } from "../servers/collecting-server.ts";
import { startServer } from "../servers/start-server.ts";

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());
const file = join(directory.path, "payload.bin");
const octets = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 256));
writeFileSync(file, octets);

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly body?: Buffer;
  /** `undefined`: there is no such header. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

const cases: [flags: string[], asked: Asked][] = [
  [
    [],
    {
      method: "GET",
      path: "/a?b=c",
      body: Buffer.alloc(0),
      headers: { "user-agent": "mesh-load", "content-length": undefined },
    },
  ],
  [["-X", "DELETE"], { method: "DELETE", headers: { "content-length": undefined } }],
  [["-H", "X-A: 1", "-H", "x-a: 2", "-H", "x-b:c:d"], { headers: { "x-a": "1, 2", "x-b": "c:d" } }],
  [["-H", "Host: other.example"], { headers: { host: "other.example" } }],
  [["-H", "User-Agent: me/1"], { headers: { "user-agent": "me/1" } }],
  [["-H", "User-Agent:"], { headers: { "user-agent": undefined } }],
  [
    ["-payload", "héllo"],
    {
      method: "POST",
      body: Buffer.from("héllo"),
      headers: { "content-length": "6", "content-type": "application/octet-stream" },
    },
  ],
  [
    ["-payload", "{}", "-content-type", "application/json"],
    { method: "POST", headers: { "content-type": "application/json" } },
  ],
  [
    ["-payload-file", file, "-X", "PUT"],
    { method: "PUT", body: octets, headers: { "content-length": "1000" } },
  ],
  [["-payload-size", "300"], { method: "POST", headers: { "content-length": "300" } }],
  [
    ["-content-type", "text/plain"],
    {
      method: "POST",
      body: Buffer.alloc(0),
      headers: { "content-length": "0", "content-type": "text/plain" },
    },
  ],
  // RFC 7617 §2
  [["-user", "Aladdin:open sesame"], { headers: { authorization: "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" } }],
];

test.each(["http/1.1", "h2"] as const)(
  "%s: a server is asked what the flags say",
  async (protocol) => {
    await using server = await startCollectingServer(protocol);
    for (const [flags, asked] of cases) {
      const before = server.requests.length;
      const { code, stderr } = await meshLoad([
        ...`run ${server.url}a?b=c -c 1 -qps 0 -n 3 -no-save -quiet`.split(" "),
        ...(protocol === "h2" ? ["-h2"] : []),
        ...flags,
      ]);
      expect([flags, code, stderr]).toEqual([flags, 0, ""]);
      const requests = server.requests.slice(before);
      expect(requests.length).toBe(3);
      for (const request of requests) {
        const { method = request.method, path = "/a?b=c", body = request.body, headers = {} } = asked;
        expect([flags, request.method, request.path]).toEqual([flags, method, path]);
        expect(request.body.equals(body)).toBe(true);
        for (const [name, value] of Object.entries(headers)) {
          // HTTP/2 calls it so.
          const said = request.headers[protocol === "h2" && name === "host" ? ":authority" : name];
          expect([flags, name, said]).toEqual([flags, name, value]);
        }
        if (request.headers["content-length"] !== undefined)
          expect(request.body.length).toBe(Number(request.headers["content-length"]));
      }
    }
  },
  180_000,
);

test("the bytes of -payload-size are the seed's, and its result shows neither them nor a password", async () => {
  await using server = await startCollectingServer("http/1.1");
  for (const seed of ["1", "1", "2"]) {
    const { stdout } = await meshLoad([
      ...`run ${server.url} -c 1 -qps 0 -n 1 -no-save -quiet -json -`.split(" "),
      ...`-payload-size 64 -user a:hunter2 -seed ${seed}`.split(" "),
    ]);
    const { request } = (JSON.parse(stdout) as ResultSet).plan.load;
    expect(request.body).toBe("redacted (64 bytes)");
    expect(request.headers).toContainEqual(["authorization", "redacted"]);
    expect(stdout).not.toContain("hunter2");
    expect(stdout).not.toContain(Buffer.from("a:hunter2").toString("base64"));
  }
  const [first, again, other] = server.requests.map(({ body }) => body.toString("hex"));
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test("-timeout ends what takes longer, at its age", async () => {
  // Answers the first half of what it is asked.
  let asked = 0;

  await using server = await startServer({
    onRequest: (socket) => void (++asked <= 5 && socket.write(okResponse())),
  });
  const flags = `-c 1 -qps 3 -n 10 -timeout 250ms -no-save -quiet -json -`;
  const { stdout, code } = await meshLoad(["run", server.url, ...flags.split(" ")]);
  const [run] = (JSON.parse(stdout) as ResultSet).runs;
  expect(code).toBe(1);
  expect(run!.statuses).toEqual({ 200: 5 });
  expect(run!.failures).toEqual({ timeout: 5 });
  expect(run!.censored.count).toBe(5);
  expect(run!.censored.youngestUs).toBeGreaterThanOrEqual(250_000);
  // HTTP/1.1 can end a request only with its connection.
  expect(run!.socketsOpened).toBe(5);
});

test("kinds of request in a profile are told apart in the table and in the result", async () => {
  await using server = await startCollectingServer("http/1.1", (path) => (path === "/bad" ? 500 : 200));
  const profile = join(directory.path, "mix.yaml");
  writeFileSync(
    profile,
    `targets: [{ url: "${server.url}" }]
load:
  qps: 200
  connections: 4
  exactly: 100
  request: { headers: { x-all: "{uuid}" } }
  requests:
    - { name: good, weight: 4, path: /good }
    - { weight: 1, path: /bad, method: PUT, payload: "{uuid}" }
`,
  );
  // The first response of four connections may be that of the kind that fails.
  const flags = "-no-save -quiet -allow-initial-errors";
  const { stdout, code } = await meshLoad(["run", "-profile", profile, ...flags.split(" ")]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^good +4 +80 +0 /m);
  expect(stdout).toMatch(/^PUT \/bad +1 +20 +20 /m);
  expect(new Set(server.requests.map(({ headers }) => headers["x-all"])).size).toBe(100);
  expect(server.requests.filter(({ path }) => path === "/bad").length).toBe(20);
  const wrong = join(directory.path, "wrong.yaml");
  writeFileSync(wrong, `load:\n  requests:\n    - { weight: 1, metod: PUT }\n`);
  const refused = await meshLoad(["run", server.url, "-profile", wrong]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('unknown key "metod" in load.requests[0]');
  expect(refused.stderr).toContain('Did you mean "method"?');
});
