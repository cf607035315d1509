import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requestBytes } from "../../../src/driver/http1/request-bytes.ts";
import type { RequestParts } from "../../../src/driver/request-checks.ts";
import { MeshLoadError } from "../../../src/errors.ts";

const parts = { method: "GET", path: "/a?b=c", host: "h:81", headers: [], body: null, keepalive: true };
const built = (change: Partial<RequestParts>): string =>
  requestBytes({ ...parts, ...change }).toString("latin1");

describe("the octets of a request", () => {
  test.each<[why: string, change: Partial<RequestParts>, octets: string]>([
    ["host and user-agent alone", {}, "GET /a?b=c HTTP/1.1\r\nhost: h:81\r\nuser-agent: mesh-load\r\n\r\n"],
    [
      "connection: close where it is not kept",
      { keepalive: false },
      "GET /a?b=c HTTP/1.1\r\nhost: h:81\r\nuser-agent: mesh-load\r\nconnection: close\r\n\r\n",
    ],
    [
      "connection: close only once",
      { keepalive: false, headers: [["Connection", "x, Close"]] },
      "GET /a?b=c HTTP/1.1\r\nhost: h:81\r\nuser-agent: mesh-load\r\nConnection: x, Close\r\n\r\n",
    ],
    [
      "a body with its length in octets",
      { body: Buffer.from("héllo"), headers: [["Content-Type", "x"]] },
      "GET /a?b=c HTTP/1.1\r\nhost: h:81\r\nuser-agent: mesh-load\r\ncontent-length: 6\r\nContent-Type: x\r\n\r\nh\u00c3\u00a9llo",
    ],
    [
      "length 0 for a POST without body",
      { method: "POST" },
      "POST /a?b=c HTTP/1.1\r\nhost: h:81\r\nuser-agent: mesh-load\r\ncontent-length: 0\r\n\r\n",
    ],
    [
      "the length given, where it is right",
      { method: "PUT", body: Buffer.from("ab"), headers: [["Content-Length", "2"]] },
      "PUT /a?b=c HTTP/1.1\r\nhost: h:81\r\nuser-agent: mesh-load\r\nContent-Length: 2\r\n\r\nab",
    ],
    [
      "host, and it first, and user-agent as they are given",
      {
        headers: [
          ["X", "1"],
          ["HOST", "other"],
          ["User-Agent", "me"],
        ],
      },
      "GET /a?b=c HTTP/1.1\r\nhost: other\r\nX: 1\r\nUser-Agent: me\r\n\r\n",
    ],
    [
      "no user-agent where it is given empty",
      {
        headers: [
          ["user-agent", ""],
          ["x", ""],
        ],
      },
      "GET /a?b=c HTTP/1.1\r\nhost: h:81\r\nx: \r\n\r\n",
    ],
  ])("have %s", (_why, change, octets) => {
    expect(built(change)).toBe(octets);
  });

  test("are what node:http reads back, whatever the headers say", async () => {
    const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/).map((name) => `x-${name}`);
    const value = fc.stringMatching(/^[\x21-\x7e]([\t\x20-\x7e]{0,20}[\x21-\x7e])?$/);
    let answer: ((request: IncomingMessage, body: Buffer) => void) | undefined;
    const server = createServer((request, response) => {
      const body: Buffer[] = [];
      request.on("data", (data: Buffer) => body.push(data));
      request.on("end", () => {
        response.end();
        answer?.(request, Buffer.concat(body));
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(name, value)),
          fc.option(fc.uint8Array()),
          async (headers, body) => {
            const bytes = requestBytes({
              ...parts,
              method: "POST",
              headers,
              body: body && Buffer.from(body),
            });
            const read = new Promise<[IncomingMessage, Buffer]>((resolve) => {
              answer = (request, body) => resolve([request, body]);
            });
            socket.write(bytes);
            const [request, received] = await read;
            expect(request.method + request.url!).toBe("POST/a?b=c");
            const own = [
              "host",
              "h:81",
              "user-agent",
              "mesh-load",
              "content-length",
              String(body?.length ?? 0),
            ];
            expect(request.rawHeaders).toEqual([...own, ...headers.flat()]);
            expect([...received]).toEqual([...(body ?? [])]);
          },
        ),
        { numRuns: 50 },
      );
    } finally {
      socket.destroy();
      server.close();
    }
  });
});

describe("a request that would be two, or none", () => {
  test.each<[why: string, change: Partial<RequestParts>, said: string]>([
    ["a line end in a value", { headers: [["x", "a\r\nb: c"]] }, "header x has a control character"],
    ["a lone LF in a value", { headers: [["x", "a\n"]] }, "header x has a control character"],
    ["NUL in a value", { headers: [["x", "a\0"]] }, "header x has a control character"],
    [
      "a line end in the host given",
      { headers: [["Host", "a\r\nb: c"]] },
      "header host has a control character",
    ],
    ["a line end in the URL's host", { host: "a\r\nb: c" }, "header host has a control character"],
    ["a line end in a name", { headers: [["x\r\ny", "a"]] }, '"x\\r\\ny" is not a token'],
    ["a colon in a name", { headers: [["x:y", "a"]] }, '"x:y" is not a token'],
    ["an empty name", { headers: [["", "a"]] }, '"" is not a token'],
    ["a space after a name", { headers: [["content-length ", "5"]] }, '"content-length " is not a token'],
    ["letters beyond ASCII in a name", { headers: [["é", "5"]] }, '"é" is not a token'],
    ["a space in the method", { method: "GET /" }, 'method "GET /" is not a token'],
    ["no method", { method: "" }, 'method "" is not a token'],
    ["a space in the path", { path: "/a b" }, 'path "/a b"'],
    ["a line end in the path", { path: "/a\r\n" }, 'path "/a\\r\\n"'],
    ["no path", { path: "" }, 'path ""'],
    [
      "another length",
      { body: Buffer.from("ab"), headers: [["content-length", "3"]] },
      "disagrees with the body of 2 bytes",
    ],
    ["a length of no body", { headers: [["content-length", "3"]] }, "disagrees with the body of 0 bytes"],
    [
      "a transfer coding",
      { headers: [["Transfer-Encoding", "chunked"]] },
      '"Transfer-Encoding" cannot be given',
    ],
  ])("is refused: %s", (_why, change, said) => {
    const error = thrownBy(() => built(change));
    expect(error).toMatchObject({ code: "FLAG_INVALID", exitCode: 2, hint: expect.stringMatching(/\.$/) });
    expect(error.message).toContain(said);
  });

  test("is refused without showing a value, which may be secret", () => {
    const error = thrownBy(() => built({ headers: [["authorization", "s3cret\n"]] }));
    expect(error.message + error.hint).not.toContain("s3cret");
  });
});

function thrownBy(run: () => unknown): MeshLoadError {
  try {
    run();
  } catch (error) {
    if (error instanceof MeshLoadError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
