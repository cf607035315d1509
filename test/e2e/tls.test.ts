/** TLS against the real Envoy: what it counts, what it maps, and what nobody must read. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { startLab } from "../../src/lab/lab.ts";
import type { Lab } from "../../src/lab/lab.ts";
import type { LoadPlan, TlsPlan } from "../../src/plan/plan.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { meshLoad } from "../cli/mesh-load.ts";
import { drive, outcomes } from "../driver/drive.ts";
import { expectDone } from "./expect-done.ts";
import { as, authority, days, file, localhost, trusting as testTrusting } from "../servers/tls.ts";

let lab: Lab;
let trusting: TlsPlan;

beforeAll(async () => {
  lab = await startLab(
    { modes: ["exact_balance"], workers: 2, workUs: 0, envoy: null, upstream: null, tls: true },
    { qps: 100, places: labPlaces(), onNote: () => undefined },
  );
  trusting = { insecure: false, cacert: lab.cacert, cert: null, key: null, serverName: null, resume: false };
});
afterAll(() => lab?.[Symbol.asyncDispose]());

/** Sums of the listener's counters, by the end of their names. */
async function counters<Name extends string>(...names: readonly Name[]): Promise<Record<Name, number>> {
  const text = await (await fetch(`${lab.admin}/stats`)).text();
  const lines = text
    .split("\n")
    .filter((line) => /^(listener|http)\.exact_balance\./.test(line) && !line.includes(".worker_"));
  const valueOf = (name: Name): number => {
    const line = lines.find((line) => line.includes(`.exact_balance.${name}: `));
    if (line === undefined) throw new Error(`Envoy has no counter ${name}`);
    return Number(line.split(": ")[1]);
  };
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<Name, number>;
}

const h2: Partial<LoadPlan> = { protocol: "h2", streams: 8 };

test.each<[what: string, plan: Partial<LoadPlan>, connections: number]>([
  ["HTTP/1.1", { connections: 6 }, 6],
  ["HTTP/1.1, a connection for each request", { connections: 6, keepalive: false }, 300],
  ["HTTP/2", { connections: 4, ...h2 }, 4],
  ["HTTP/2, a connection for each request", { connections: 6, protocol: "h2", keepalive: false }, 300],
])("%s: Envoy counted the requests and handshakes that we did", async (_, plan, connections) => {
  const names = [
    "ssl.handshake",
    "ssl.session_reused",
    "ssl.connection_error",
    "downstream_rq_total",
  ] as const;
  const h2Name = "downstream_rq_http2_total";
  const before = await counters(...names, h2Name);
  const load = await drive(lab.targets[0]!.url, {
    qps: 0,
    exactly: 300,
    timeoutUs: 5e6,
    tls: trusting,
    ...plan,
  });
  expect(outcomes(load.samples)).toEqual({ 200: 300 });
  expect(load.connections.length).toBe(connections);
  expect(load.connections.every(({ tlsTimeUs }) => tlsTimeUs !== null && tlsTimeUs > 0)).toBe(true);
  const after = await counters(...names, h2Name);
  expect(after["ssl.handshake"] - before["ssl.handshake"]).toBe(connections);
  expect(after["downstream_rq_total"] - before["downstream_rq_total"]).toBe(300);
  expect(after[h2Name] - before[h2Name]).toBe(plan.protocol === "h2" ? 300 : 0);
  expect(after["ssl.session_reused"]).toBe(before["ssl.session_reused"]);
  expect(after["ssl.connection_error"]).toBe(before["ssl.connection_error"]);
});

test.each(["http/1.1", "h2"] as const)(
  "Envoy counted the sessions that were resumed (%s)",
  async (protocol) => {
    const before = await counters("ssl.handshake", "ssl.session_reused");
    const load = await drive(lab.targets[0]!.url, {
      qps: 0,
      connections: 5,
      exactly: 100,
      timeoutUs: 5e6,
      keepalive: false,
      protocol,
      tls: { ...trusting, resume: true },
    });
    expect(outcomes(load.samples)).toEqual({ 200: 100 });
    const after = await counters("ssl.handshake", "ssl.session_reused");
    const resumed = load.connections.filter((one) => one.resumed).length;
    // The first of each slot has none to resume. HTTP/2's answer may overtake the ticket.
    expect(resumed).toBeLessThanOrEqual(95);
    expect(resumed).toBeGreaterThan(0);
    expect(after["ssl.session_reused"] - before["ssl.session_reused"]).toBe(resumed);
    expect(after["ssl.handshake"] - before["ssl.handshake"]).toBe(100);
  },
);

test("every mode is driven, mapped by epoll, and proven over TLS", async () => {
  for (const protocol of [[], ["-h2", "-s", "4"]]) {
    const args = ["run", "-tls", ...protocol, ..."-c 8 -qps 400 -t 1s -reps 1 -work 0 -json -".split(" ")];
    const done = await meshLoad(args);
    expectDone(done);
    const set = JSON.parse(done.stdout) as ResultSet;
    expect(set.runs.length).toBe(3);
    for (const run of set.runs) {
      expect(run).toMatchObject({ statuses: { 200: 400 }, failures: {}, socketsOpened: 8, tlsResumed: 0 });
      expect(run.target.url).toMatch(/^https:/);
      expect([run.connectTime.count, run.tlsTime.count]).toEqual([8, 8]);
      expect(run.mapping).toMatchObject({ method: "epoll", mapped: 8 });
      expect(run.mapping.checks).toEqual([{ method: "header", compared: 8, disagreed: 0 }]);
      expect(run.proof.inEffect).toBe(run.mode);
      expect(run.warnings.map(({ code }) => code)).not.toContain("counts-differ");
    }
    // The authority of a lab is gone with it.
    expect(set.plan.load.tls).toMatchObject({ insecure: false, cacert: null });
  }
});

test("the lab's certificate is no stranger's to trust, and a stranger is none of the lab's", async () => {
  const url = lab.targets[0]!.url;
  const untrusted = await meshLoad(["run", url, "-n", "4", "-no-save"]);
  expect(untrusted.code).toBe(3);
  expect(untrusted.stderr).toMatch(
    /unable to verify the first certificate\n-cacert FILE .* -k takes any certificate\.\n/,
  );
  const trusted = await meshLoad(["run", url, "-n", "4", "-no-save", "-cacert", lab.cacert!]);
  expect([trusted.code, trusted.stdout.includes("TLS handshake")]).toEqual([0, true]);
  const unverified = await meshLoad(["run", url, "-n", "4", "-no-save", "-k"]);
  expect(unverified.code).toBe(0);
});

test("a client's key is in no output", async () => {
  const { cert, key } = as(authority.issue("me", [], days(-1, 1)));
  const secret = (await readFile(key!, "utf8")).split("\n")[1]!;
  const args = ["-n", "4", "-no-save", "-cacert", lab.cacert!, "-cert", cert!, "-key", key!];
  const { code, stdout, stderr } = await meshLoad(["run", lab.targets[0]!.url, ...args, "-json", "-"]);
  expect([code, stderr.includes(secret), stdout.includes(secret)]).toEqual([0, false, false]);
  expect((JSON.parse(stdout) as ResultSet).plan.load.tls).toMatchObject({ cert, key });
});

test("two hundred tickets after each handshake are no harm, resumed or not", async () => {
  await using server = await startTicketFlood();
  const flood: Partial<LoadPlan> = { qps: 0, connections: 4, exactly: 200, timeoutUs: 5e6 };
  for (const resume of [false, true]) {
    const tls = { ...testTrusting, resume };
    const kept = await drive(server.url, { ...flood, tls });
    expect(outcomes(kept.samples)).toEqual({ 200: 200 });
    expect(kept.connections.length).toBe(4);
    const short = await drive(server.url, { ...flood, exactly: 40, keepalive: false, tls });
    expect(outcomes(short.samples)).toEqual({ 200: 40 });
    expect(short.connections.some(({ resumed }) => resumed)).toBe(resume);
  }
});

/** Python's ssl lets a server send as many tickets as it likes; Node's does not. Python is there, for it installs Envoy. */
const ticketFlood = `
import socket, ssl, sys, threading
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
context.num_tickets = 200
listener = socket.create_server(("127.0.0.1", 0), backlog=128)
print(listener.getsockname()[1], flush=True)
def serve(plain):
    try:
        with context.wrap_socket(plain, server_side=True) as secure:
            while octets := secure.recv(65536):
                secure.sendall(b"HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nok" * octets.count(b"\\r\\n\\r\\n"))
    except OSError:
        pass
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
`;

async function startTicketFlood(): Promise<AsyncDisposable & { readonly url: string }> {
  const identity = file("flood.pem", localhost.certificate + localhost.key);
  const server = spawn("python3", ["-c", ticketFlood, identity], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = (await once(server.stdout, "data")) as [Buffer];
  return {
    url: `https://localhost:${Number(port.toString())}/`,
    async [Symbol.asyncDispose]() {
      server.kill();
      await once(server, "exit");
    },
  };
}
