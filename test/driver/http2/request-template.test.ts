import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { frameSizeLimit } from "../../../src/driver/http2/frames.ts";
import { Outbox } from "../../../src/driver/http2/outbox.ts";
import { requestTemplates } from "../../../src/driver/http2/request-template.ts";
import type { RequestTemplate } from "../../../src/driver/http2/request-template.ts";

const uuid = Buffer.from("0a1b2c3d-0000-4000-8000-a0b1c2d3e4f5");

function written(template: RequestTemplate): Buffer {
  const outbox = new Outbox();
  const parts: Buffer[] = [];
  outbox.request(template, 5, uuid);
  const sink = { connecting: false, writableLength: 0, write: (octets: Buffer) => parts.push(octets) };
  outbox.flush(sink as unknown as Socket);
  return Buffer.concat(parts);
}

test("a UUID is whole wherever in its frames it falls", () => {
  const block = Buffer.alloc(2 * frameSizeLimit + 100, "h");
  for (const end of [frameSizeLimit, 2 * frameSizeLimit])
    for (let at = end - 38; at <= end + 1; at++) {
      const templates = requestTemplates(block, true, [0, at]);
      const filled = Buffer.from(block);
      uuid.copy(filled, 0);
      uuid.copy(filled, at);
      const expected = requestTemplates(filled, true);
      expect(written(templates.first).equals(written(expected.first))).toBe(true);
      expect(written(templates.next).equals(written(expected.next))).toBe(true);
    }
});
