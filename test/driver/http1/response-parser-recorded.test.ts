import { readFileSync, readdirSync } from "node:fs";
import { Agent, request } from "node:http";
import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answersAndMayClose } from "../../servers/behaviours.ts";
import { startServer } from "../../servers/start-server.ts";
import { readNaively } from "./naive-response.ts";
import { readInParts, workerHeader } from "./read-in-parts.ts";

const folder = new URL("../../fixtures/http1/", import.meta.url);
const recorded = readdirSync(folder)
  .filter((name) => name.endsWith(".http"))
  .map((name) => ({ name, head: name.includes("-head"), octets: readFileSync(new URL(name, folder)) }));

describe.each(recorded)("$name", ({ name, head, octets }) => {
  const whole = readInParts(octets, { head, closed: true });

  test("is read to its last octet, as the plain reading of the RFC has it", () => {
    const { verdict, ...naive } = readNaively(octets.toString("latin1"), {
      head,
      closed: true,
      workerHeader,
    });
    expect(verdict).toBe("complete");
    expect(whole).toEqual({ ...naive, complete: true, error: null });
    expect(whole.consumed).toBe(octets.length);
  });

  test("ends the same when split in two anywhere, and in single octets", () => {
    const cuts = Array.from({ length: octets.length }, (_, i) => i);
    const differs = (cut: number): boolean =>
      !isDeepStrictEqual(readInParts(octets, { head, closed: true, cuts: [cut] }), whole);
    expect(cuts.filter(differs)).toEqual([]);
    expect(readInParts(octets, { head, closed: true, cuts })).toEqual(whole);
  });

  test("ends the same in any parts", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(octets.length), { maxLength: 20 }), (positions) => {
        const cuts = positions.sort((a, b) => a - b);
        expect(readInParts(octets, { head, closed: true, cuts })).toEqual(whole);
      }),
    );
  });

  test("is complete at its last octet and no earlier", () => {
    const sizes = Array.from({ length: octets.length }, (_, i) => i);
    const ended = (size: number): boolean => {
      const { complete, error } = readInParts(octets.subarray(0, size), { head });
      return complete || error !== null;
    };
    expect(sizes.filter(ended)).toEqual([]);
  });

  test("gives what node:http reads", async () => {
    await using server = await startServer(answersAndMayClose(octets.toString("latin1"), !whole.keepAlive));
    const agent = new Agent({ keepAlive: true });
    const read = await new Promise<object>((resolve, reject) => {
      const call = request(server.url, { agent, method: head ? "HEAD" : "GET" }, (response) => {
        let bodyBytes = 0;
        response.on("data", (data: Buffer) => (bodyBytes += data.length));
        response.on("error", reject);
        response.on("end", () => {
          const keepAlive = (call as unknown as { shouldKeepAlive: boolean }).shouldKeepAlive;
          resolve({ status: response.statusCode, bodyBytes, keepAlive });
        });
      });
      call.on("error", reject).end();
    });
    agent.destroy();
    // A response to HEAD has no body to delimit (RFC 9112 §6.3); node:http gives the connection up without a length.
    if (name === "node-chunked-head.http") expect(read).toMatchObject({ keepAlive: false });
    else expect(read).toMatchObject({ keepAlive: whole.keepAlive });
    expect(read).toMatchObject({ status: whole.status, bodyBytes: whole.bodyBytes });
  });
});
