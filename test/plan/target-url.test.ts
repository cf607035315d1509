import { expect, test } from "vitest";
import { checkAdminUrl, checkTargetUrl, parseTarget } from "../../src/plan/target-url.ts";
import { thrown } from "../thrown.ts";

test.each([
  ["http://h", { url: "http://h/" }],
  ["HTTP://H:8080/a?b=c#d", { url: "http://h:8080/a?b=c" }],
  ["HTTPS://H:443/a", { url: "https://h/a" }],
  ["http://[::1]:80/", { url: "http://[::1]/" }],
  ["reuse_port=http://h:8082/x?default=1", { mode: "reuse_port", url: "http://h:8082/x?default=1" }],
])("reads %s", (text, expected) => {
  expect(parseTarget(text)).toEqual(expected);
});

test("an admin may speak TLS, and loses its last slash", () => {
  expect(checkAdminUrl("https://h:15000/")).toBe("https://h:15000");
  expect(checkAdminUrl("http://h:15000/envoy/")).toBe("http://h:15000/envoy");
});

test.each([
  [
    "localhost:8080",
    "no scheme",
    "PLAN_IMPOSSIBLE (2): localhost:8080 has no scheme | Write http://localhost:8080",
  ],
  [
    "127.0.0.1:8080/x",
    "an address without scheme",
    "PLAN_IMPOSSIBLE (2): 127.0.0.1:8080/x has no scheme | Write http://127.0.0.1:8080/x",
  ],
  ["//h/x", "a relative URL", "PLAN_IMPOSSIBLE (2): //h/x has no scheme | Write http://h/x"],
  [
    "http:/127.0.0.1:8080",
    "one slash",
    "PLAN_IMPOSSIBLE (2): http:/127.0.0.1:8080 has no scheme | Write http://127.0.0.1:8080",
  ],
  ["HTTPS:/h", "one slash, with TLS", "PLAN_IMPOSSIBLE (2): HTTPS:/h has no scheme | Write https://h"],
  ["", "nothing", "PLAN_IMPOSSIBLE (2): a URL is empty | Write http://HOST:PORT/."],
  [
    "ftp://h",
    "a wrong scheme",
    "PLAN_IMPOSSIBLE (2): ftp://h: ftp:// is no scheme that mesh-load speaks | Use http:// or https://.",
  ],
  ["http://", "no host", "PLAN_IMPOSSIBLE (2): http:// is not a valid URL | Write http://HOST:PORT/PATH."],
  [
    "http://h:99999",
    "a port too high",
    "PLAN_IMPOSSIBLE (2): http://h:99999 is not a valid URL | Write http://HOST:PORT/PATH.",
  ],
  [
    "http://h:0",
    "a port too low",
    "PLAN_IMPOSSIBLE (2): http://h:0: nothing listens on port 0 | Give the listener's port.",
  ],
  [
    "http://user:hush@h",
    "a password in the URL",
    "PLAN_IMPOSSIBLE (2): a URL must not carry a user or password | Use -user NAME:PASSWORD, which is kept out of results.",
  ],
  [
    "reuseport=http://h",
    "an unknown mode, near",
    'PLAN_IMPOSSIBLE (2): "reuseport" is no listener mode: they are default, reuse_port, exact_balance, cpu_locality_balance | Did you mean "reuse_port"?',
  ],
  [
    "=http://h",
    "an empty mode",
    'PLAN_IMPOSSIBLE (2): "" is no listener mode: they are default, reuse_port, exact_balance, cpu_locality_balance | Write -modes default,reuse_port,exact_balance, or MODE=URL.',
  ],
  [
    "edge=http://h",
    "an unknown mode, far",
    'PLAN_IMPOSSIBLE (2): "edge" is no listener mode: they are default, reuse_port, exact_balance, cpu_locality_balance | Write -modes default,reuse_port,exact_balance, or MODE=URL.',
  ],
  [
    "default=h:80",
    "a mode's URL without scheme",
    "PLAN_IMPOSSIBLE (2): h:80 has no scheme | Write http://h:80",
  ],
])("refuses %j (%s)", async (text, _why, expected) => {
  expect(await thrown(() => parseTarget(text))).toBe(expected);
});

test("keeps a password out of the message", async () => {
  for (const text of [
    "http://user:hush@h",
    "http:/user:hush@h",
    "//user:hush@h",
    "user:hush@h",
    "http://user:hush@h:99999",
    "ftp://user:hush@h",
  ])
    expect(await thrown(() => checkTargetUrl(text))).not.toContain("hush");
});
