import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { LoadPlan } from "../../../src/plan/plan.ts";
import { startNodeHttp } from "../../servers/http-node.ts";
import { drive, outcomes } from "../drive.ts";

const compressed: Partial<LoadPlan> = {
  client: "standard",
  compression: true,
  qps: 100,
  connections: 1,
  exactly: 4,
  timeoutUs: 2e6,
};
const text = Buffer.from("the same again, ".repeat(20_000));

test.each<[coding: string, encode: (text: Buffer) => Buffer]>([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
  ["zstd", zstdCompressSync],
])("%s is asked for and decoded, and counted as it came", async (coding, encode) => {
  const body = encode(text);
  await using server = await startNodeHttp(({ headers }, response) => {
    const accepted = String(headers["accept-encoding"]).split(", ").includes(coding);
    response.sendDate = false;
    response.writeHead(accepted ? 200 : 406, { "content-encoding": coding, "content-length": body.length });
    response.end(body);
  });
  const load = await drive(server.url, compressed);
  expect(outcomes(load.samples)).toEqual({ 200: 4 });
  const heads = load.bytesReceived - 4 * body.length;
  // A head has some 130 octets: the text of 320 000 never was on the wire.
  expect([heads > 0, heads < 4 * 250]).toEqual([true, true]);
  expect(server.connections).toBe(1);
});

test.each<[what: string, body: Buffer]>([
  ["that is none", Buffer.from("not gzip at all")],
  ["that is cut short", gzipSync(text).subarray(0, 100)],
  ["whose check fails", Buffer.concat([gzipSync(text).subarray(0, -8), Buffer.alloc(8)])],
])("gzip %s fails the request, and the next one goes on", async (_what, body) => {
  await using server = await startNodeHttp((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    response.end(server.requests.length % 2 === 0 ? body : gzipSync(text));
  });
  const load = await drive(server.url, compressed);
  expect(outcomes(load.samples)).toEqual({ 200: 2, protocol: 2 });
});

test("an Accept-Encoding of one's own stays; without -compression none is sent, and nothing is decoded", async () => {
  await using server = await startNodeHttp((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    response.end("not gzip at all");
  });
  const headers = [["Accept-Encoding", "br"]] as const;
  await drive(server.url, { ...compressed, exactly: 1, request: { method: "GET", headers, body: null } });
  const plain = await drive(server.url, { ...compressed, exactly: 1, compression: false });
  expect(outcomes(plain.samples)).toEqual({ 200: 1 });
  expect(server.requests.map((request) => request.headers["accept-encoding"])).toEqual(["br", undefined]);
});
