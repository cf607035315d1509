import { describe, expect, test } from "vitest";
import { ResponseParser } from "../../../src/driver/http1/response-parser.ts";
import { readInParts, workerHeader } from "./read-in-parts.ts";

const chunkedHead = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/** Every octet in a part of its own must tell the same as all at once. */
function read(response: string, options: { head?: boolean; closed?: boolean } = {}) {
  const whole = readInParts(response, options);
  const cuts = Array.from({ length: response.length }, (_, i) => i);
  expect(readInParts(response, { ...options, cuts })).toEqual(whole);
  return whole;
}

describe("where a response ends (RFC 9112 §6.3)", () => {
  const cases: [why: string, response: string, rest: string, expected: object][] = [
    [
      "after content-length octets",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
      "HTTP",
      { bodyBytes: 5 },
    ],
    ["at once with content-length 0", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "x", { bodyBytes: 0 }],
    [
      "after the header of a 204, whatever it says",
      "HTTP/1.1 204 No\r\ncontent-length: 5\r\n\r\n",
      "hello",
      { bodyBytes: 0 },
    ],
    [
      "after the header of a 304, whatever it says",
      "HTTP/1.1 304 Not\r\ncontent-length: 5\r\n\r\n",
      "x",
      { bodyBytes: 0 },
    ],
    ["after the last chunk", `${chunkedHead}5\r\nhello\r\n0\r\n\r\n`, "HTTP", { bodyBytes: 5 }],
    [
      "after the trailers",
      `${chunkedHead}A\r\n0123456789\r\n00\r\nx: y\r\ncontent-length: 9\r\n\r\n`,
      "x",
      { bodyBytes: 10 },
    ],
    ["after a folded trailer", `${chunkedHead}0\r\nx: y\r\n z\r\n\r\n`, "x", { bodyBytes: 0 }],
    [
      "by chunks with extensions",
      `${chunkedHead}5;a="b;c" ;d\r\nhello\r\n3 \r\nabc\r\n0;x\r\n\r\n`,
      "x",
      { bodyBytes: 8 },
    ],
    [
      "by chunks where chunked comes last",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, , Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
      "x",
      { bodyBytes: 1 },
    ],
    [
      "by chunks said in two lines",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      "x",
      { bodyBytes: 0 },
    ],
    [
      "by chunks said in a folded line",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip,\r\n chunked\r\n\r\n0\r\n\r\n",
      "x",
      { bodyBytes: 0 },
    ],
    [
      "by chunks, which win over a length",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      "x",
      { bodyBytes: 5, keepAlive: false },
    ],
    [
      "by the same length said twice",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 05, 5\r\n\r\nhello",
      "x",
      { bodyBytes: 5 },
    ],
    [
      "by a length folded to its own line",
      "HTTP/1.1 200 OK\r\ncontent-length:\r\n\t5\r\n\r\nhello",
      "x",
      { bodyBytes: 5 },
    ],
    [
      "after interim responses",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\ncontent-length: 7\r\nconnection: close\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
      "x",
      { bodyBytes: 2 },
    ],
    [
      "without a reason, nor the space before it",
      "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok",
      "x",
      { bodyBytes: 2 },
    ],
    [
      "where lines end in LF alone (RFC 9112 §2.2)",
      "HTTP/1.1 200 OK\ncontent-length: 2\n\nok",
      "x",
      { bodyBytes: 2 },
    ],
    ["in a minor version to come", "HTTP/1.7 200 OK\r\ncontent-length: 2\r\n\r\nok", "x", { bodyBytes: 2 }],
  ];

  test.each(cases)("%s", (_why, response, rest, expected) => {
    const outcome = read(response + rest);
    const status = Number(/HTTP\/1\.\d ([2-5]\d\d)/.exec(response)![1]);
    expect(outcome).toMatchObject({ complete: true, error: null, consumed: response.length, status });
    expect(outcome).toMatchObject({ keepAlive: true, ...expected });
  });

  test("after the header when HEAD was asked", () => {
    for (const line of ["content-length: 5", "transfer-encoding: chunked", "x: y"]) {
      const response = `HTTP/1.1 200 OK\r\n${line}\r\n\r\n`;
      const expected = { complete: true, keepAlive: true, consumed: response.length, bodyBytes: 0 };
      expect(read(`${response}hello`, { head: true })).toMatchObject(expected);
    }
  });

  test.each([
    ["no length", "HTTP/1.1 200 OK\r\n\r\n"],
    [
      "a last coding that is not chunked",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, gzip\r\ncontent-length: 2\r\n\r\n",
    ],
    ["a coding that only starts like chunked", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunkedx\r\n\r\n"],
    ["no length in HTTP/1.0", "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n\r\n"],
  ])("with the connection where there is %s", (_why, head) => {
    expect(read(`${head}hello`)).toMatchObject({ complete: false, error: null, bodyBytes: 5 });
    expect(read(`${head}hello`, { closed: true })).toMatchObject({
      complete: true,
      keepAlive: false,
      bodyBytes: 5,
    });
  });

  test.each([
    "",
    "HTT",
    "HTTP/1.1 200 OK\r\nx: y\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
    `${chunkedHead}5\r\nhello\r\n0\r\n`,
  ])("nowhere when the server closes after %j", (response) => {
    expect(read(response, { closed: true })).toMatchObject({ complete: false, error: null });
  });

  test("beyond 2^32 octets, in a length and in chunks", () => {
    const block = Buffer.alloc(1 << 24, "x");
    const size = 300 * block.length;
    for (const [head, tail] of [
      [`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`, ""],
      [`${chunkedHead}${size.toString(16)}\r\n`, "\r\n0\r\n\r\n"],
    ] as const) {
      const parser = new ResponseParser({ workerHeader });
      parser.expect(false);
      parser.execute(Buffer.from(head), 0, head.length);
      for (let i = 0; i < 300; i++) expect(parser.execute(block, 0, block.length)).toBe(block.length);
      parser.execute(Buffer.from(tail), 0, tail.length);
      expect(parser).toMatchObject({ complete: true, bodyBytes: size, error: null });
    }
  });
});

describe("whether the connection stays (RFC 9112 §9.3)", () => {
  test.each([
    ["HTTP/1.1", "", true],
    ["HTTP/1.1", "Connection: Close", false],
    ["HTTP/1.1", "connection: x-hop, close ,y", false],
    ["HTTP/1.1", "connection: closed, not-close, clos", true],
    ["HTTP/1.1", "connection: x\r\nconnection: close", false],
    ["HTTP/1.0", "", false],
    ["HTTP/1.0", "connection: Keep-Alive", true],
    ["HTTP/1.0", "connection: keep-alive, close", false],
    ["HTTP/1.0", "connection: keep-alive\r\ntransfer-encoding: chunked", false],
  ] as const)("%s with %j: %s", (version, line, keepAlive) => {
    const end = line.includes("chunked") ? "\r\n\r\n0\r\n\r\n" : "\r\ncontent-length: 0\r\n\r\n";
    const response = `${version} 200 OK\r\n${line}${end}`.replace("OK\r\n\r\n", "OK\r\n");
    expect(read(response)).toMatchObject({ complete: true, keepAlive });
  });
});

describe("what is refused, and by which name", () => {
  const ok = "HTTP/1.1 200 OK\r\n";
  test.each([
    ["bad-status-line", "<html>\n"],
    ["bad-status-line", "\r\nHTTP/1.1 200 OK\r\n"],
    ["bad-status-line", "HTTP/2.0 200 OK\r\n"],
    ["bad-status-line", "HTTP/1.1  200 OK\r\n"],
    ["bad-status-line", "HTTP/1.1 20 OK\r\n"],
    ["bad-status-line", "HTTP/1.1 2000 OK\r\n"],
    ["bad-status-line", "http/1.1 200 OK\r\n"],
    ["bad-status-line", "\u0015\u0003\u0001"],
    ["bad-status", "HTTP/1.1 099 OK\r\n"],
    ["bad-status", "HTTP/1.1 600 OK\r\n"],
    ["bad-header-value", "HTTP/1.1 200 O\u0000K\r\n"],
    ["bad-line-end", "HTTP/1.1 200 OK\rx: y\r\n"],
    ["bad-header-name", `${ok} x: y\r\n`],
    ["bad-header-name", `${ok}x : y\r\n`],
    ["bad-header-name", `${ok}: y\r\n`],
    ["bad-header-name", `${ok}no colon\r\n`],
    ["bad-header-name", `${ok}nocolon\r\n`],
    ["bad-header-name", `${ok}content-length : 5\r\n`],
    ["bad-header-value", `${ok}x: a\u0000b\r\n`],
    ["bad-line-end", `${ok}x: a\rb\r\n`],
    ["bad-line-end", `${ok}x: a\r\r\n`],
    ["bad-line-end", `${ok}\rx`],
    ["content-length-negative", `${ok}content-length: -5\r\n\r\n`],
    ["content-length-invalid", `${ok}content-length: +5\r\n\r\n`],
    ["content-length-invalid", `${ok}content-length: 5-\r\n\r\n`],
    ["content-length-invalid", `${ok}content-length: 5 5\r\n\r\n`],
    ["content-length-invalid", `${ok}content-length: 5\r\n 5\r\n\r\n`],
    ["content-length-invalid", `${ok}content-length: 0x5\r\n\r\n`],
    ["content-length-invalid", `${ok}content-length: \r\n\r\n`],
    ["content-length-invalid", `${ok}content-length: ,\r\n\r\n`],
    ["content-length-twice", `${ok}content-length: 5\r\nContent-Length: 6\r\n\r\n`],
    ["content-length-twice", `${ok}content-length: 5, 6\r\n\r\n`],
    ["content-length-too-large", `${ok}content-length: 9007199254740992\r\n\r\n`],
    ["content-length-too-large", `${ok}content-length: 18446744073709551621\r\n\r\n`],
    ["transfer-encoding-invalid", `${ok}transfer-encoding: chunked, chunked\r\n\r\n`],
    ["transfer-encoding-invalid", `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`],
    ["transfer-encoding-invalid", `${ok}transfer-encoding: chunked;q=1\r\n\r\n`],
    ["transfer-encoding-invalid", `${ok}transfer-encoding: chunked x\r\n\r\n`],
    ["chunk-size", `${chunkedHead}\r\n`],
    ["chunk-size", `${chunkedHead}-1\r\n`],
    ["chunk-size", `${chunkedHead} 5\r\n`],
    ["chunk-size", `${chunkedHead}0x5\r\n`],
    ["chunk-size", `${chunkedHead}5 5\r\n`],
    ["chunk-size", `${chunkedHead}5\n`],
    ["chunk-size", `${chunkedHead}10000000000000000\r\n`],
    ["chunk-size", `${chunkedHead}20000000000000\r\n`],
    ["chunk-extension", `${chunkedHead}5;a\n`],
    ["chunk-extension", `${chunkedHead}5;${"a".repeat(65_536)}`],
    ["chunk-extension", `${chunkedHead}${"0".repeat(65_537)}`],
    ["bad-line-end", `${chunkedHead}5\rx`],
    ["chunk-end", `${chunkedHead}5\r\nhello!`],
    ["chunk-end", `${chunkedHead}5\r\nhello\n`],
    ["chunk-end", `${chunkedHead}5\r\nhello\rx`],
    ["bad-header-name", `${chunkedHead}0\r\nx y\r\n`],
    ["bad-header-name", `${chunkedHead}0\r\n x\r\n`],
    ["header-too-large", `${chunkedHead}0\r\nx: ${"y".repeat(65_536)}`],
    ["unexpected-upgrade", "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n"],
  ])("%s: %.60j", (error, response) => {
    expect(read(response, { closed: true })).toMatchObject({ complete: false, error, keepAlive: false });
  });

  test("a header of one octet more than 64 KB, while 64 KB are read", () => {
    const frame = "HTTP/1.1 204 No\r\nx: \r\n\r\n".length;
    const headOf = (size: number): string => `HTTP/1.1 204 No\r\nx: ${"y".repeat(size - frame)}\r\n\r\n`;
    expect(readInParts(headOf(65_536))).toMatchObject({ complete: true, consumed: 65_536 });
    const cuts = [65_535, 65_536];
    for (const options of [{}, { cuts }])
      expect(readInParts(headOf(65_537), options)).toMatchObject({
        error: "header-too-large",
        consumed: 65_536,
      });
  });

  test("interim responses without end", () => {
    const outcome = readInParts("HTTP/1.1 100 Continue\r\n\r\n".repeat(3000));
    expect(outcome).toMatchObject({ error: "header-too-large", consumed: 65_536 });
  });

  test("octets that nobody asked for, before the first request and after a response", () => {
    const octets = Buffer.from("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 204 No\r\n\r\n");
    const parser = new ResponseParser({ workerHeader });
    expect(parser.execute(octets, 0, octets.length)).toBe(0);
    expect(parser.error).toBe("unexpected-bytes");
    parser.expect(false);
    expect(parser).toMatchObject({ error: null, started: false });
    expect(parser.execute(octets, 0, octets.length)).toBe(octets.length / 2);
    expect(parser).toMatchObject({ complete: true, error: null, started: true });
    expect(parser.execute(octets, octets.length / 2, octets.length)).toBe(0);
    expect(parser.error).toBe("unexpected-bytes");
  });
});

const responseBy = (value: string, name = "X-Envoy-Worker"): string =>
  `HTTP/1.1 200 OK\r\n${name}: ${value}\r\ncontent-length: 0\r\n\r\n`;

describe("the worker", () => {
  test.each([
    ["wrk:worker_3", 3],
    ["wrk:worker_127 \t", 127],
    ["0", 0],
    ["12 34", 34],
    ["worker", -1],
    ["worker_3x", -1],
    ["", -1],
    ["worker_10000000", -1],
    ["99999999999999999999", -1],
    ["worker_\r\n 7", 7],
  ])("of %j is %i", (value, worker) => {
    expect(read(responseBy(value))).toMatchObject({ complete: true, worker });
  });

  test("is the first that was seen, until a new connection", () => {
    const parser = new ResponseParser({ workerHeader });
    const workerAfter = (text: string): number => readInParts(text, { parser }).worker;
    expect(workerAfter(responseBy("worker_5", "x-other"))).toBe(-1);
    expect(workerAfter(responseBy("worker_1\r\nx-envoy-worker: worker_2"))).toBe(1);
    expect(workerAfter(responseBy("worker_4"))).toBe(1);
    parser.reset();
    expect(parser.worker).toBe(-1);
    expect(workerAfter(responseBy("worker_4"))).toBe(4);
  });

  test("is unknown where no header is named", () => {
    const parser = new ResponseParser({ workerHeader: "" });
    expect(readInParts(responseBy("worker_4"), { parser })).toMatchObject({ complete: true, worker: -1 });
  });
});

test("a parser reads response after response, also after an error", () => {
  const parser = new ResponseParser({ workerHeader });
  for (const body of ["hello", "", "ok"]) {
    const response = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    expect(readInParts(response, { parser })).toEqual(readInParts(response));
    expect(parser.bodyBytes).toBe(body.length);
  }
  for (const body of ["5\r\nhello\r\n0\r\n\r\n", "0\r\n\r\n", "1\r\nx\r\n1\r\ny\r\n0\r\n\r\n"])
    expect(readInParts(chunkedHead + body, { parser })).toEqual(readInParts(chunkedHead + body));
  expect(readInParts("HTTP/1.0 200 OK\r\ncontent-le", { parser }).complete).toBe(false);
  expect(readInParts(`${chunkedHead}5;`, { parser }).complete).toBe(false);
  expect(readInParts("HTTP/1.1 200 OK\r\ncontent-length: x", { parser }).error).toBe(
    "content-length-invalid",
  );
  const outcome = readInParts(`${chunkedHead}2\r\nok\r\n0\r\n\r\n`, { parser });
  expect(outcome).toMatchObject({ complete: true, error: null, bodyBytes: 2, keepAlive: true, status: 200 });
});

test("the limits are for one response, one size line: neither many responses nor many chunks reach them", () => {
  const parser = new ResponseParser({ workerHeader });
  const padded = `HTTP/1.1 204 No\r\nx: ${"y".repeat(30_000)}\r\n\r\n`;
  for (let i = 0; i < 5; i++) expect(readInParts(padded, { parser })).toMatchObject({ complete: true });
  const chunks = "1;extension\r\nx\r\n".repeat(20_000);
  const outcome = readInParts(`${chunkedHead}${chunks}0\r\n\r\n`, { parser });
  expect(outcome).toMatchObject({ complete: true, bodyBytes: 20_000 });
});
