/** What mesh-load issues, read and judged by OpenSSL. */

import { createPrivateKey, X509Certificate } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createAuthority } from "../../src/lab/certificate.ts";
import { integer, objectIdentifier, octetString } from "../../src/lab/der.ts";

const validity = { from: new Date("2026-01-02T03:04:05Z"), to: new Date("2061-12-31T23:59:59Z") };
const authority = createAuthority("the authority", validity);
const root = new X509Certificate(authority.certificate);

test("an authority vouches for itself, and may sign", () => {
  expect([root.subject, root.issuer, root.ca]).toEqual(["CN=the authority", "CN=the authority", true]);
  expect(root.verify(root.publicKey)).toBe(true);
});

test("a certificate is the authority's, for its hosts, its time and its key, and signs no other", () => {
  const { certificate, key } = authority.issue(
    "me",
    ["localhost", "*.example.com", "127.0.0.1", "::1"],
    validity,
  );
  const leaf = new X509Certificate(certificate);
  expect([leaf.subject, leaf.issuer, leaf.ca]).toEqual(["CN=me", "CN=the authority", false]);
  expect(leaf.verify(root.publicKey)).toBe(true);
  expect(leaf.checkIssued(root)).toBe(true);
  expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true);
  // Two-digit years end in 2049 (RFC 5280 §4.1.2.5): one of these is of either kind.
  expect([leaf.validFromDate, leaf.validToDate]).toEqual([validity.from, validity.to]);
  for (const host of ["localhost", "www.example.com"]) expect(leaf.checkHost(host)).toBeDefined();
  for (const host of ["example.com", "other"]) expect(leaf.checkHost(host)).toBeUndefined();
  for (const ip of ["127.0.0.1", "::1"]) expect(leaf.checkIP(ip)).toBe(ip);
  expect(leaf.checkIP("127.0.0.2")).toBeUndefined();
});

test("another authority's certificate is not this one's", () => {
  const leaf = new X509Certificate(
    createAuthority("the authority", validity).issue("me", [], validity).certificate,
  );
  expect(leaf.verify(root.publicKey)).toBe(false);
});

test("no two have one serial number, and none is negative", () => {
  const serials = Array.from(
    { length: 20 },
    () => new X509Certificate(authority.issue("me", [], validity).certificate).serialNumber,
  );
  expect(new Set(serials).size).toBe(20);
  for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
});

test("any address comes back as it was written", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      const leaf = new X509Certificate(authority.issue("me", [address], validity).certificate);
      expect(leaf.checkIP(address)).toBeDefined();
    }),
    { numRuns: 25 },
  );
});

// X.690 §8.19.5 and RSA's own identifier; §8.1.3: short form to 127, long form from 128.
test.each([
  [objectIdentifier("2.999.3"), "0603883703"],
  [objectIdentifier("1.2.840.113549"), "06062a864886f70d"],
  [integer(Buffer.from([2])), "020102"],
  [octetString(Buffer.alloc(127)).subarray(0, 3), "047f00"],
  [octetString(Buffer.alloc(128)).subarray(0, 3), "048180"],
  [octetString(Buffer.alloc(70_000)).subarray(0, 5), "0483011170"],
])("encodes as the standard says: %#", (octets, hex) => {
  expect(octets.toString("hex")).toBe(hex);
});
