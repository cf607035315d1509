import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { ResponseParser } from "../../src/driver/http1/response-parser.ts";
import * as servers from "./behaviours.ts";
import { type Behaviour, startServer } from "./start-server.ts";

/** How one request ends at a parser on a real socket; "waiting" = nothing more came for 1.5 s. */
async function endOf(behaviour: Behaviour): Promise<string> {
  await using server = await startServer(behaviour);
  const parser = new ResponseParser({ workerHeader: "" });
  const socket = connect(server.port, "127.0.0.1");
  parser.expect(false);
  try {
    return await new Promise<string>((resolve) => {
      const quiet = setTimeout(() => resolve(parser.started ? "waiting mid-response" : "waiting"), 1500);
      socket.on("connect", () => socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
      socket.on("data", (data: Buffer) => {
        quiet.refresh();
        const consumed = parser.execute(data, 0, data.length);
        if (parser.error !== null) resolve(parser.error);
        else if (parser.complete)
          resolve(consumed === data.length ? `complete ${parser.bodyBytes}` : "complete, with bytes left");
      });
      socket.on("error", (error: NodeJS.ErrnoException) =>
        resolve(`${error.code} ${parser.started ? "after" : "without"} bytes`),
      );
      socket.on("end", () => {
        parser.finish();
        resolve(parser.complete ? `complete at the end ${parser.bodyBytes}` : "closed early");
      });
    });
  } finally {
    await closed(socket);
  }
}

async function closed(socket: Socket): Promise<void> {
  const over = new Promise((resolve) => socket.once("close", resolve));
  if (socket.destroy().closed) return;
  await over;
}

describe("a parser on a real socket meets a server that", () => {
  test.each<[what: string, behaviour: Behaviour, end: string]>([
    ["does right", servers.answersOk(), "complete 2"],
    ["never answers", servers.neverAnswers, "waiting"],
    ["answers half", servers.answersHalf, "waiting mid-response"],
    ["answers half the header", servers.answersHalfTheHeader, "waiting mid-response"],
    ["resets at once", servers.resetsOnConnection, "ECONNRESET without bytes"],
    ["resets instead of an answer", servers.resetsOnRequest, "ECONNRESET without bytes"],
    ["resets mid-header", servers.resetsMidHeader, "ECONNRESET after bytes"],
    ["resets mid-body", servers.resetsMidBody, "ECONNRESET after bytes"],
    ["closes mid-body", servers.closesMidBody, "closed early"],
    ["closes without an answer", servers.closesWithoutAnswer, "closed early"],
    ["answers and closes", servers.closesBetweenRequests, "complete 2"],
    ["ends the body with the connection", servers.closeDelimited, "complete at the end 13"],
    ["answers twice", servers.unaskedAfterResponse, "complete, with bytes left"],
    ["sends more than its content-length", servers.contentLengthTooShort, "complete, with bytes left"],
    ["sends less than its content-length", servers.contentLengthTooLong, "waiting mid-response"],
    ["has a negative content-length", servers.contentLengthNegative, "content-length-negative"],
    ["has two lengths", servers.contentLengthTwice, "content-length-twice"],
    ["has a chunk of 2^64", servers.chunkSizeTooLarge, "chunk-size"],
    ["has a header of 1 MB", servers.hugeHeader, "header-too-large"],
    ["ends lines with LF", servers.lineFeedOnly, "complete 2"],
    ["speaks HTTP/0.9", servers.http09, "bad-status-line"],
    ["speaks something else", servers.garbage, "bad-status-line"],
    ["sends interim responses without end", servers.endlessInterim, "header-too-large"],
    ["dribbles", servers.dribbles(1), "complete 2"],
  ])("%s", async (_what, behaviour, end) => {
    expect(await endOf(behaviour)).toBe(end);
  });
});

test.each<[when: string, behaviour: Behaviour, asks: boolean]>([
  ["before it is asked", servers.unaskedOnConnection, false],
  ["after its response", servers.unaskedLater(20), true],
])("octets of a server that speaks %s are unexpected", async (_when, behaviour, asks) => {
  await using server = await startServer(behaviour);
  const parser = new ResponseParser({ workerHeader: "" });
  const socket = connect(server.port, "127.0.0.1");
  if (asks) {
    parser.expect(false);
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  }
  while (parser.error === null) {
    const [data] = (await once(socket, "data")) as [Buffer];
    if (parser.execute(data, 0, data.length) < data.length) break;
  }
  expect(parser).toMatchObject({ complete: asks, error: "unexpected-bytes" });
  await closed(socket);
});

test("a body without end is counted on and on", async () => {
  await using server = await startServer(servers.endlessBody);
  const parser = new ResponseParser({ workerHeader: "" });
  const socket = connect(server.port, "127.0.0.1");
  parser.expect(false);
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  for (let received = 0; received < 4e6;) {
    const [data] = (await once(socket, "data")) as [Buffer];
    expect(parser.execute(data, 0, data.length)).toBe(data.length);
    received += data.length;
    // Each chunk of 65 536 octets has 9 of framing, after a head of 47.
    expect(Math.abs(parser.bodyBytes - ((received - 47) * 65_536) / 65_545)).toBeLessThan(10);
  }
  expect(parser).toMatchObject({ complete: false, error: null });
  await closed(socket);
});

test("a server counts connections and requests, with their bodies and parts, and forgets closed ones", async () => {
  const seen: [number: number, body: string][] = [];
  const ok = servers.answersOk();
  await using server = await startServer({
    onRequest: (socket, request) => {
      seen.push([request.number, request.body]);
      ok.onRequest!(socket, request);
    },
  });
  const socket = connect(server.port, "127.0.0.1");
  let received = "";
  socket.on("data", (data) => (received += data.toString()));
  const answered = async (count: number): Promise<void> => {
    while (received.split("200 OK").length <= count)
      await new Promise((resolve) => socket.once("data", resolve));
  };
  socket.write("GET / HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbo");
  await answered(1);
  expect(server).toMatchObject({ connections: 1, requests: 1, open: 1 });
  socket.write("dyGET / HTTP/1.1\r\nconnection: close\r\n\r\n");
  await answered(3);
  expect(seen).toEqual([
    [1, ""],
    [2, "body"],
    [3, ""],
  ]);
  await closed(socket);
  expect(server).toMatchObject({ connections: 1, requests: 3 });
});
