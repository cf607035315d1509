import { describe, expect, test } from "vitest";
import { environmentProxies, givenProxy, proxyFor } from "../../src/plan/proxy-plan.ts";
import { thrown } from "../thrown.ts";

// The cases of golang.org/x/net/http/httpproxy, which Fortio reads its environment with.
const noProxy =
  "foobar.com, .barbaz.net, 192.168.1.1, 192.168.1.2:81, 192.168.1.3:80, 10.0.0.0/30, 2001:db8::52:0:1, " +
  "[2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64";

test.each<[host: string, proxied: boolean]>([
  ["localhost", false],
  ["127.0.0.1", false],
  ["127.0.0.2", false],
  ["[::1]", false],
  ["[::2]", true],
  ["192.168.1.1", false],
  ["192.168.1.2", true],
  ["192.168.1.3", false],
  ["192.168.1.4", true],
  ["10.0.0.2", false],
  ["10.0.0.4", true],
  ["[2001:db8::52:0:1]", false],
  ["[2001:db8::52:0:2]", true],
  ["[2001:db8::52:0:3]", false],
  ["[2002:db8:a::123]", false],
  ["[fe80::424b:c8be:1643:a1b6]", true],
  ["barbaz.net", true],
  ["www.barbaz.net", false],
  ["foobar.com", false],
  ["www.foobar.com", false],
  ["WWW.FOOBAR.COM", false],
  ["foofoobar.com", true],
  ["baz.com", true],
  ["localhost.net", true],
])("NO_PROXY as Go has it: %s", (host, proxied) => {
  const proxies = environmentProxies({ http: "http://proxy:3128", https: undefined, except: noProxy });
  expect(proxyFor(`http://${host}/`, proxies)).toBe(proxied ? "http://proxy:3128/" : null);
});

const except = (text: string) => environmentProxies({ http: "a:1", https: undefined, except: text });

describe("the environment", () => {
  test("names a proxy a scheme, with http:// or without", () => {
    const proxies = environmentProxies({ http: "a:1", https: "http://u:p@b:2", except: undefined });
    expect(proxyFor("http://h/", proxies)).toBe("http://a:1/");
    expect(proxyFor("https://h/", proxies)).toBe("http://u:p@b:2/");
  });

  test("excepts everything by a star, and a host at one port alone", () => {
    expect(proxyFor("http://h/", except("*"))).toBeNull();
    expect(proxyFor("http://h:8080/", except("h:8080"))).toBeNull();
    expect(proxyFor("http://h:8081/", except("h:8080"))).toBe("http://a:1/");
    expect(proxyFor("http://x.h/", except("*.h"))).toBeNull();
  });

  test("names none, and there is none", () => {
    expect(environmentProxies({ http: undefined, https: "", except: "h" })).toBeNull();
    expect(proxyFor("http://h/", null)).toBeNull();
  });
});

test("a proxy that is given is for everything, this machine too", () => {
  expect(proxyFor("http://127.0.0.1:8080/", givenProxy("h:3128"))).toBe("http://h:3128/");
});

test.each(["https://u:secret@h", "socks5://u:secret@h:1", "http://u:secret@", "http://u:secret@h:x"])(
  "%s is refused, without its password",
  async (text) => {
    const message = await thrown(() => givenProxy(text));
    expect(message).toMatch(/-proxy/);
    expect(message).not.toContain("secret");
  },
);
