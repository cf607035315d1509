import { expect, test } from "vitest";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { Profile, TlsProfile } from "../../src/plan/profile.ts";
import { thrown } from "../thrown.ts";

const plan = (flags: Profile) => createPlan({ flags, freshSeed: 1 });
const toHttps = (tls: TlsProfile) => plan({ targets: [{ url: "https://h/" }], load: { tls } }).load.tls;

test("an https target is verified, without a certificate of ours, and with a full handshake each time", () => {
  expect(toHttps({})).toEqual({
    insecure: false,
    cacert: null,
    cert: null,
    key: null,
    serverName: null,
    resume: false,
  });
});

test("files are named in the plan and not read", () => {
  const files = { cacert: "/no/ca.pem", cert: "/no/me.pem", key: "/no/me.key" };
  expect(toHttps(files)).toMatchObject(files);
});

test("where nothing speaks TLS there is none to plan", () => {
  expect(plan({}).load.tls).toBeNull();
  expect(plan({ targets: [{ url: "http://h/" }] }).load.tls).toBeNull();
  expect(plan({ lab: { tls: true } }).load.tls).not.toBeNull();
  const follow = { client: "standard", followRedirects: true, tls: { insecure: true } } as const;
  expect(plan({ targets: [{ url: "http://h/" }], load: follow }).load.tls?.insecure).toBe(true);
  expect(plan({ targets: [{ url: "http://h/" }, { url: "https://g/" }] }).load.tls).not.toBeNull();
});

test.each<[Profile, string]>([
  [
    { targets: [{ url: "http://h/" }], load: { tls: { insecure: true, resume: true } } },
    "PLAN_IMPOSSIBLE (2): -k, -tls-resume: for TLS only, and no target speaks it | Give a URL that begins with https://, or -tls for the lab.",
  ],
  [
    { lab: { tls: true }, load: { tls: { cacert: "ca.pem" } } },
    "PLAN_IMPOSSIBLE (2): -cacert ca.pem: the lab's certificate is verified by the lab's own authority | Leave it out.",
  ],
  [
    { targets: [{ url: "https://h/" }], load: { tls: { cert: "me.pem" } } },
    "PLAN_IMPOSSIBLE (2): -cert alone makes no client certificate | Give both -cert and -key.",
  ],
  [
    { targets: [{ url: "https://h/" }], load: { tls: { key: "me.key" } } },
    "PLAN_IMPOSSIBLE (2): -key alone makes no client certificate | Give both -cert and -key.",
  ],
  [
    { targets: [{ url: "https://h/" }], load: { tls: { serverName: "10.0.0.1" } } },
    'PLAN_IMPOSSIBLE (2): -sni "10.0.0.1" is no host name | Write -sni www.example.com; an IP address is no server name (RFC 6066 §3).',
  ],
  [
    { targets: [{ url: "https://h/" }], load: { tls: { serverName: "a..b" } } },
    'PLAN_IMPOSSIBLE (2): -sni "a..b" is no host name | Write -sni www.example.com; an IP address is no server name (RFC 6066 §3).',
  ],
])("refuses %j", async (profile, expected) => {
  expect(await thrown(() => plan(profile))).toBe(expected);
});
