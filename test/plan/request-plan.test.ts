import { expect, test } from "vitest";
import type { RequestProfile } from "../../src/plan/profile.ts";
import { resolveRequest } from "../../src/plan/request-plan.ts";
import { thrown } from "../thrown.ts";

const octets = ["content-type", "application/octet-stream"];

test.each<[RequestProfile, method: string, headers: string[][], body: string | null, why: string]>([
  [{}, "GET", [], null, "nothing is a GET"],
  [{ payload: "" }, "GET", [], null, "an empty payload is none"],
  [{ payload: "ä" }, "POST", [octets], "w6Q=", "a payload is a POST of octets, in UTF-8"],
  [{ payloadBase64: "AAE=" }, "POST", [octets], "AAE=", "so is a binary one"],
  [{ method: "PUT", payload: "a" }, "PUT", [octets], "YQ==", "a method of one's own stays"],
  [
    { headers: { "Content-Type": "a/b" } },
    "POST",
    [["Content-Type", "a/b"]],
    null,
    "a content type is a POST",
  ],
  [
    { headers: { "Content-Type": "a/b" }, payload: "a" },
    "POST",
    [["Content-Type", "a/b"]],
    "YQ==",
    "and stays alone",
  ],
  [
    { headers: { a: ["1", "2"], b: "" } },
    "GET",
    [
      ["a", "1"],
      ["a", "2"],
      ["b", ""],
    ],
    null,
    "values keep their order",
  ],
])("%j is %s %j %j: %s", (request, method, headers, body) => {
  expect(resolveRequest(request, 1)).toEqual({ method, headers, body });
});

test("a payload of a size has that many bytes, the same for the same seed", () => {
  expect(bytes(1)).toHaveLength(1000);
  expect(bytes(1)).toEqual(bytes(1));
  expect(bytes(1)).not.toEqual(bytes(2));
  // 1000 draws of 256 values leave about 256·e^(−1000/256) = 5 of them out.
  expect(new Set(bytes(1)).size).toBeGreaterThan(240);
});

test.each([
  [
    { method: "GET /" },
    "a method with a space",
    'PLAN_IMPOSSIBLE (2): -X "GET /" is no HTTP method | Write -X GET, -X PUT and the like.',
  ],
  [
    { method: "CONNECT" },
    "a tunnel",
    "PLAN_IMPOSSIBLE (2): -X CONNECT opens a tunnel, not a request | Use another method.",
  ],
  [
    { headers: { "a b": "1" } },
    "a name with a space",
    'PLAN_IMPOSSIBLE (2): -H "a b" is no header name | Write -H "Name: value".',
  ],
  [
    { headers: { a: "x\r\nb: hush" } },
    "a value that would be a header",
    "PLAN_IMPOSSIBLE (2): -H a: the value has characters that no header can carry | Encode them first.",
  ],
  [
    { headers: { a: "€hush" } },
    "a value beyond Latin-1",
    "PLAN_IMPOSSIBLE (2): -H a: the value has characters that no header can carry | Encode them first.",
  ],
  [
    { headers: { "Content-Length": "5" } },
    "a length of one's own",
    "PLAN_IMPOSSIBLE (2): -H Content-Length: mesh-load writes this header itself | It is computed from the payload.",
  ],
  [
    { headers: { Connection: "close" } },
    "what -keepalive decides",
    "PLAN_IMPOSSIBLE (2): -H Connection: mesh-load writes this header itself | Use -keepalive=false to close after each response.",
  ],
  [
    { payload: "a", payloadSize: 5 },
    "two payloads",
    "PLAN_IMPOSSIBLE (2): -payload, -payload-file and -payload-size exclude one another | Keep one of them.",
  ],
  [
    { payloadSize: -1 },
    "less than no bytes",
    "PLAN_IMPOSSIBLE (2): -payload-size -1 is out of range | Give 0 to 104857600 bytes.",
  ],
])("refuses %j (%s)", async (request, _why, expected) => {
  expect(await thrown(() => resolveRequest(request, 1))).toBe(expected);
});

test("keeps values out of messages: they may be secret", async () => {
  expect(await thrown(() => resolveRequest({ headers: { a: "x\r\nb: hush" } }, 1))).not.toContain("hush");
});

function bytes(seed: number): Buffer {
  return Buffer.from(resolveRequest({ payloadSize: 1000 }, seed).body!, "base64");
}
