/** What `run`, `report`, `lab` and `inspect` refuse before anything is started. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { thrown } from "../thrown.ts";
import { execute } from "./execute.ts";
import { temporaryDirectory } from "./mesh-load.ts";

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());
const at = (name: string): string => join(directory.path, name);

writeFileSync(at("wrong.yaml"), "load:\n  qps: 100\n  conections: 4\n");
writeFileSync(at("urls.yaml"), "targets:\n  - url: http://127.0.0.1:1\n");
writeFileSync(at("both.yaml"), "lab: {workers: 2}\ntargets:\n  - url: http://127.0.0.1:1\n");
mkdirSync(at("directory"));

test.each([
  [
    ["run", "-L"],
    "redirects with a client that follows none",
    "PLAN_IMPOSSIBLE (2): -L needs the standard client: the fast ones send a request and read its response, no more | Add -stdclient.",
  ],
  [
    ["run", "-compression"],
    "compression with a client that decodes nothing",
    "PLAN_IMPOSSIBLE (2): -compression needs the standard client: the fast ones send a request and read its response, no more | Add -stdclient.",
  ],
  [
    ["run", "-proxy", "http://h:3128"],
    "a proxy for a client that knows none",
    "PLAN_IMPOSSIBLE (2): -proxy needs the standard client: the fast ones send a request and read its response, no more | Add -stdclient.",
  ],
  [
    ["run", "http://h", "-stdclient", "-proxy", "http://h:3128", "-resolve", "127.0.0.1"],
    "two places to connect to",
    "PLAN_IMPOSSIBLE (2): -proxy and -resolve contradict each other: both say where to connect | Keep one of the two.",
  ],
  [
    ["run", "-stdclient", "-proxy", "socks5://h:1080"],
    "another kind of proxy",
    "PLAN_IMPOSSIBLE (2): -proxy: socks5:// is no proxy that mesh-load can use | Write http://HOST:PORT.",
  ],
  [
    ["run", "-stdclient", "-H", "Expect: 100-continue"],
    "what undici cannot send",
    "PLAN_IMPOSSIBLE (2): -H Expect cannot be sent by -stdclient: undici has no such header | Leave out one of the two.",
  ],
  [
    ["run", "-c", "0"],
    "no connection",
    "PLAN_IMPOSSIBLE (2): -c 0 is no number of connections | Use a whole number, 1 to 1000000.",
  ],
  [
    ["run", "-c", "-4"],
    "fewer than no connections",
    "PLAN_IMPOSSIBLE (2): -c -4 is no number of connections | Use a whole number, 1 to 1000000.",
  ],
  [
    ["run", "-c", "8", "-n", "5"],
    "more connections than requests",
    "PLAN_IMPOSSIBLE (2): -n 5 leaves some of -c 8 without a request | Use -c 5 or less, or -n 8 or more.",
  ],
  [
    ["run", "-n", "500", "-t", "5s"],
    "a count and a time",
    "PLAN_IMPOSSIBLE (2): -n 500 and -t 5s contradict each other: a load ends by count or by time | Keep one of the two.",
  ],
  [
    ["run", "-qps", "-1"],
    "a negative rate",
    "PLAN_IMPOSSIBLE (2): -qps -1 is no rate | Use -qps 0 for as fast as it goes.",
  ],
  [
    ["run", "-t", "0"],
    "endless runs, nine of them",
    "PLAN_IMPOSSIBLE (2): -t 0 never ends the first of 9 runs | Drive one target once: one URL or one of -modes, one -c, and -reps 1.",
  ],
  [
    ["run", "-modes", "default,reuseport"],
    "an unknown mode",
    'PLAN_IMPOSSIBLE (2): "reuseport" is no listener mode: they are default, reuse_port, exact_balance, cpu_locality_balance | Did you mean "reuse_port"?',
  ],
  [
    ["run", "127.0.0.1:8080"],
    "a URL without scheme",
    "PLAN_IMPOSSIBLE (2): 127.0.0.1:8080 has no scheme | Write http://127.0.0.1:8080",
  ],
  [
    ["run", "ftp://127.0.0.1"],
    "a URL of a wrong scheme",
    "PLAN_IMPOSSIBLE (2): ftp://127.0.0.1: ftp:// is no scheme that mesh-load speaks | Use http:// or https://.",
  ],
  [
    ["run", "http://127.0.0.1:1", "http://127.0.0.1:1"],
    "the same URL twice",
    "PLAN_IMPOSSIBLE (2): two targets are called 127.0.0.1:1 | Use -reps to repeat one, or give them names in a profile.",
  ],
  [
    ["run", "http://127.0.0.1:1", "-modes", "default"],
    "a lab's flag with a URL",
    "PLAN_IMPOSSIBLE (2): -modes: for the lab's Envoy only, and URLs are driven as they are | Leave them out, or leave the URL out to use the lab; MODE=URL says a listener's mode.",
  ],
  [
    ["run", "-pid", "1"],
    "a proxy's flag without a URL",
    "PLAN_IMPOSSIBLE (2): -pid is for an Envoy of yours, and the lab starts its own | Give its URL too.",
  ],
  ...(
    [
      ["10:5", "the range ends before it begins | Write -connection-reuse 5:10."],
      ["1:2:3", "is no range of requests | Write MIN:MAX, such as -connection-reuse 10:30."],
      ["a:b", "is no range of requests | Write MIN:MAX, such as -connection-reuse 10:30."],
      ["0:5", "is no range of requests | Write MIN:MAX, such as -connection-reuse 10:30."],
      ["-3", "is no range of requests | Write MIN:MAX, such as -connection-reuse 10:30."],
    ] as const
  ).map(([range, said]): [string[], string, string] => [
    ["run", "-connection-reuse", range],
    "a range that Fortio would turn into another, or stumble over",
    `PLAN_IMPOSSIBLE (2): -connection-reuse ${range}${said.startsWith("the") ? ":" : ""} ${said}`,
  ]),
  [
    ["run", "-connection-reuse", "5", "-keepalive=false"],
    "reuse of what is not kept",
    "PLAN_IMPOSSIBLE (2): -connection-reuse 5 and -keepalive=false contradict each other: a connection for each request is not used again | Keep one of the two.",
  ],
  [
    ["run", "-connect", "0/s"],
    "connections at no rate",
    "PLAN_IMPOSSIBLE (2): -connect 0/s is no way to open connections | Write -connect burst, -connect serial, or a rate such as -connect 200/s.",
  ],
  [
    ["run", "-connect", "burst", "-sequential-warmup"],
    "two ways to open",
    "FLAG_INVALID (2): -sequential-warmup and -connect burst contradict each other | Keep one of them.",
  ],
  [
    ["run", "-connect", "serial", "-keepalive=false"],
    "an order of what is not opened before",
    "PLAN_IMPOSSIBLE (2): -connect serial and -keepalive=false contradict each other: nothing is opened before the load | Keep one of the two.",
  ],
  [
    ["run", "-h2", "-http1.0"],
    "two protocols",
    "FLAG_INVALID (2): -h2 and -http1.0 contradict each other | Keep one of them.",
  ],
  [
    ["run", "-http1.0", "-stdclient"],
    "what undici cannot speak",
    "PLAN_IMPOSSIBLE (2): -http1.0 and -stdclient do not go together: undici speaks HTTP/1.1 and HTTP/2 | Leave one of the two out.",
  ],
  [
    ["run", "-resolve", "127.0.0.2"],
    "an address for the lab",
    "PLAN_IMPOSSIBLE (2): -resolve says where a server of yours is, and the lab starts its own | Give its URL too.",
  ],
  [
    ["run", "http://h/", "-resolve", "localhost"],
    "a name where an address is asked for",
    'PLAN_IMPOSSIBLE (2): -resolve: "localhost" is no IP address | Write 127.0.0.2,127.0.0.3.',
  ],
  [
    ["run", "http://h/", "-unix-socket", "/run/a.sock", "-linger0"],
    "a reset of what is no TCP",
    "PLAN_IMPOSSIBLE (2): -linger0 is for TCP, and -unix-socket /run/a.sock is driven | Keep one of the two.",
  ],
  [
    ["run", "http://h/", "-dns-method", "rr"],
    "lookups during the load",
    'FLAG_INVALID (2): -dns-method "rr" is none of cached-rr, first | ',
  ],
  [
    ["run", "-p", "50,100"],
    "a percentile out of range",
    "PLAN_IMPOSSIBLE (2): -p 100: a percentile lies between 0 and 100 | Write 50,90,99,99.9.",
  ],
  [
    ["run", "-json", "-", "-csv", "-"],
    "two outputs for one stdout",
    "FLAG_INVALID (2): -json - and -csv - both want stdout | Write one of them to a file.",
  ],
  [
    ["run", "-json", ""],
    "an output without a name",
    "FLAG_INVALID (2): -json names no path | Leave -json out, or give it one.",
  ],
  [
    ["run", "-no-save", "-data-dir", "x"],
    "a place for what is not saved",
    "FLAG_INVALID (2): -no-save and -data-dir contradict each other | Keep one of the two.",
  ],
  [
    ["run", "-max-failures", "-1"],
    "fewer than no failures",
    "FLAG_INVALID (2): -max-failures -1 is below 0 | Use 0 to tolerate none.",
  ],
  [
    ["run", "http://h", "-ab=false", "-ab-pid", "7"],
    "a side that shall not be",
    "FLAG_INVALID (2): -ab=false and -ab-pid contradict each other | Keep one of the two.",
  ],
  [
    ["run", "-payload-file", "/nowhere/payload"],
    "a payload that is not there",
    "FLAG_INVALID (2): -payload-file /nowhere/payload cannot be read: no such file or directory | Give a file, or - for stdin.",
  ],
  [
    ["run", "-payload", "a", "-payload-size", "5"],
    "two payloads",
    "PLAN_IMPOSSIBLE (2): -payload, -payload-file and -payload-size exclude one another | Keep one of them.",
  ],
  [
    ["run", "-H", "Connection: close"],
    "a header that is not the user's",
    "PLAN_IMPOSSIBLE (2): -H Connection: mesh-load writes this header itself | Use -keepalive=false to close after each response.",
  ],
  [
    ["run", "-profile", "smoek"],
    "an unknown profile",
    "PROFILE_INVALID (2): -profile smoek: there is no profile of that name | Did you mean -profile smoke?",
  ],
  [
    ["run", "-profile", "/nowhere/p.yaml"],
    "a profile file that is not there",
    "PROFILE_INVALID (2): -profile /nowhere/p.yaml cannot be read: no such file or directory | Give the path of a YAML file, or the name of a profile that comes along.",
  ],
  [
    ["run", "-profile", "DIR/wrong.yaml"],
    "a profile with an unknown key",
    'PROFILE_INVALID (2): DIR/wrong.yaml:3:3: unknown key "conections" in load | Did you mean "connections"?',
  ],
  [
    ["run", "-profile", "DIR/both.yaml"],
    "a profile with a lab and URLs",
    "PLAN_IMPOSSIBLE (2): -workers: for the lab's Envoy only, and URLs are driven as they are | Leave them out, or leave the URL out to use the lab; MODE=URL says a listener's mode.",
  ],
  [
    ["run", "-profile", "DIR/urls.yaml", "-workers", "3"],
    "a lab's flag with a profile of URLs",
    "PLAN_IMPOSSIBLE (2): -workers: for the lab's Envoy only, and URLs are driven as they are | Leave them out, or leave the URL out to use the lab; MODE=URL says a listener's mode.",
  ],
  [
    ["run", "http://10.0.0.1", "-keepalive=false", "-qps", "99999", "-t", "1m"],
    "more ports than there are",
    "PLAN_IMPOSSIBLE (2): -keepalive=false at -qps 99999 needs 5999944 local ports at once, and # | Use -linger0 (close with a reset, no port waits), # machine's -local-addresses, a lower -qps, or a shorter -t.",
  ],
  [
    ["report", "/nowhere/result.json"],
    "a result that is not there",
    "RESULT_UNREADABLE (3): Cannot read /nowhere/result.json: no such file or directory | Give the path of a result file, or of a directory of them, such as results/.",
  ],
  [
    ["report", "a.json", "-format", "cvs"],
    "an unknown format",
    'FLAG_INVALID (2): -format "cvs" is none of table, markdown, github, junit, json, csv, csv-series, csv-stages, csv-connections, bench, fortio, hgrm, hdrlog, openmetrics, html | Did you mean -format csv?',
  ],
  [
    ["inspect", "127.0.0.1:15000"],
    "an admin without scheme",
    "PLAN_IMPOSSIBLE (2): 127.0.0.1:15000 has no scheme | Write http://127.0.0.1:15000",
  ],
  [
    ["inspect", "http://127.0.0.1:1", "-pid", "0"],
    "process 0",
    "FLAG_INVALID (2): -pid 0 is no process | Give the PID of Envoy.",
  ],
  [
    ["lab", "-profile", "remedy"],
    "one lab from a profile of two",
    "FLAG_INVALID (2): -profile remedy has a lab on each of two sides | mesh-load run starts both; give the flags of the one that you want.",
  ],
  [
    ["lab", "-profile", "DIR/urls.yaml"],
    "a lab from a profile without one",
    "FLAG_INVALID (2): -profile DIR/urls.yaml drives URLs and has no lab | Use a profile without targets.",
  ],
  [
    ["lab", "-work", "lots"],
    "work that is no number",
    'FLAG_INVALID (2): -work "lots" is neither microseconds nor auto | Write -work 250, or -work auto.',
  ],
])("refuses %j (%s)", async (args, _why, expected) => {
  const here = args.map((arg) => arg.replace("DIR", directory.path));
  const said = await thrown(() => execute(...here));
  // How many ports there are is the machine's.
  const anywhere = said
    .replaceAll(directory.path, "DIR")
    .replaceAll(/\d+ exist \(\d+-\d+\)|\d+ of this/g, "#");
  expect(anywhere).toBe(expected);
});
