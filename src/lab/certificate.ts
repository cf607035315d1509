/**
 * Certificates for the lab and for tests (X.509 v3, RFC 5280; ECDSA P-256 with SHA-256, RFC 5758). Node signs but issues
 * none, and the packages that do bring a dozen others along.
 */

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { isIP } from "node:net";
import * as der from "./der.ts";

/** A certificate and its key, in PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

export interface Validity {
  readonly from: Date;
  readonly to: Date;
}

/** Signs certificates. Its key is nowhere but in this process. */
export interface Authority {
  readonly certificate: string;
  /** For host names and IP addresses; a client's name may be any. */
  issue(name: string, hosts: readonly string[], validity: Validity): Identity;
}

const ecdsaWithSha256 = der.sequence(der.objectIdentifier("1.2.840.10045.4.3.2"));
const usage = { digitalSignature: [0x80, 7], keyCertSign: [0x04, 2] } as const;

export function createAuthority(name: string, validity: Validity): Authority {
  const keys = generateKeys();
  const issuer = { name, id: keyId(keys.publicKey), privateKey: keys.privateKey };
  const certificate = certify({ name, publicKey: keys.publicKey, validity }, issuer, [
    extension("2.5.29.19", der.sequence(der.boolean(true)), true),
    keyUsage("keyCertSign"),
  ]);
  return {
    certificate,
    issue(subject, hosts, validity) {
      const { publicKey, privateKey } = generateKeys();
      const alternatives = hosts.length === 0 ? [] : [extension("2.5.29.17", alternativeNames(hosts))];
      return {
        certificate: certify({ name: subject, publicKey, validity }, issuer, [
          extension("2.5.29.19", der.sequence(), true),
          keyUsage("digitalSignature"),
          ...alternatives,
        ]),
        key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
}

interface Subject {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly validity: Validity;
}

interface Issuer {
  readonly name: string;
  readonly id: Buffer;
  readonly privateKey: KeyObject;
}

function certify(subject: Subject, issuer: Issuer, extensions: readonly Buffer[]): string {
  const serial = randomBytes(16);
  // Positive, and without a leading zero octet.
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(serial),
    ecdsaWithSha256,
    commonName(issuer.name),
    der.sequence(der.time(subject.validity.from), der.time(subject.validity.to)),
    commonName(subject.name),
    subject.publicKey.export({ type: "spki", format: "der" }),
    der.explicit(
      3,
      der.sequence(
        extension("2.5.29.14", der.octetString(keyId(subject.publicKey))),
        extension("2.5.29.35", der.sequence(der.implicit(0, issuer.id))),
        ...extensions,
      ),
    ),
  );
  const signature = sign("sha256", toBeSigned, issuer.privateKey);
  const octets = der.sequence(toBeSigned, ecdsaWithSha256, der.bitString(signature));
  const lines = octets.toString("base64").match(/.{1,64}/g)!;
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function extension(identifier: string, value: Buffer, critical = false): Buffer {
  return der.sequence(
    der.objectIdentifier(identifier),
    ...(critical ? [der.boolean(true)] : []),
    der.octetString(value),
  );
}

function keyUsage(purpose: keyof typeof usage): Buffer {
  const [bits, unused] = usage[purpose];
  return extension("2.5.29.15", der.bitString(Buffer.from([bits]), unused), true);
}

function commonName(name: string): Buffer {
  return der.sequence(der.set(der.sequence(der.objectIdentifier("2.5.4.3"), der.utf8String(name))));
}

function alternativeNames(hosts: readonly string[]): Buffer {
  return der.sequence(
    ...hosts.map((host) =>
      isIP(host) === 0 ? der.implicit(2, Buffer.from(host)) : der.implicit(7, addressOctets(host)),
    ),
  );
}

function addressOctets(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  // The URL parser writes an IPv6 address in its shortest form.
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join(""), "hex");
}

const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));

function generateKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

// RFC 5280 §4.2.1.2 (1) hashes the bits of the key alone; any identifier that the issuer repeats will do.
function keyId(key: KeyObject): Buffer {
  return createHash("sha1")
    .update(key.export({ type: "spki", format: "der" }))
    .digest();
}
