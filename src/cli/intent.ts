/** Flags → the partial intent that they stand for, in a profile's shape. */

import type { Mode } from "../plan/mode.ts";
import type {
  LabProfile,
  LabSideProfile,
  LoadProfile,
  Profile,
  RequestProfile,
  TargetProfile,
  TlsProfile,
  UpstreamProfile,
} from "../plan/profile.ts";
import { parseMode, parseTarget } from "../plan/target-url.ts";
import { pathIntent } from "./path-intent.ts";
import { booleanOf, defined, invalid, listOf, numberOf, parseNumber, textOf, textsOf } from "./values.ts";
import type { FlagValues } from "./values.ts";

/** What the flags and the URLs of `run` say. `payloadFile` is the content of `-payload-file`, already read. */
export function intentOf(values: FlagValues, urls: readonly string[], payloadFile: Buffer | null): Profile {
  const targets = targetsOf(values, urls.map(parseTarget));
  return defined<Profile>({
    ...abLab(values, targets.length > 0),
    labels: textOf(values, "labels"),
    runId: numberOf(values, "runid"),
    seed: numberOf(values, "seed"),
    targets: targets.length === 0 ? undefined : targets,
    ...pathIntent(values),
    repetitions: numberOf(values, "reps"),
    findMax: findMaxOf(values),
    load: loadIntent(values, payloadFile),
    map: textOf(values, "map") as Profile["map"],
    workerHeader: textOf(values, "worker-header"),
    tail: numberOf(values, "tail"),
    percentiles: listOf(values, "p")?.map(percentile),
  });
}

function findMaxOf(values: FlagValues): readonly string[] | undefined {
  const objectives = textsOf(values, "slo");
  const isWanted = booleanOf(values, "find-max") ?? false;
  if (!isWanted && objectives.length > 0)
    throw invalid("-slo says what must hold, and nothing looks for it", "Add -find-max, or use -gate.");
  if (isWanted && objectives.length === 0)
    throw invalid("-find-max looks for the rate that holds an objective", "Add -slo 'p99<10ms'.");
  return isWanted ? objectives : undefined;
}

/** With `-ab` the first of each mode (or of two URLs) is side a, the second b. */
function targetsOf(values: FlagValues, targets: readonly TargetProfile[]): TargetProfile[] {
  if (!isAB(values)) return [...targets];
  const path = pathIntent(values, "ab-");
  return targets.map((target, i) => {
    const isFirst = targets.findIndex(({ mode }) => mode === target.mode) === i;
    return isFirst ? { ...target, side: "a" } : { ...target, ...path, side: "b" };
  });
}

/** `-ab`, or any flag that says something of its side b. */
export function isAB(values: FlagValues): boolean {
  const ab = booleanOf(values, "ab");
  const ofB = Object.keys(values).find((name) => name.startsWith("ab-"));
  if (ab === false && ofB !== undefined)
    throw invalid(`-ab=false and -${ofB} contradict each other`, "Keep one of the two.");
  return ab ?? ofB !== undefined;
}

function abLab(values: FlagValues, hasTargets: boolean): Profile {
  const { lab, ...rest } = labIntent(values);
  const b = defined<LabSideProfile>({
    envoy: textOf(values, "ab-envoy"),
    work: work("ab-work", textOf(values, "ab-work")),
    upstream: upstreamOfB(values),
  });
  // With URLs there is no lab, unless some flag asks for one, which the plan then refuses.
  const sides = isAB(values) && (!hasTargets || !isEmpty(b)) ? { sides: { a: {}, b } } : {};
  const wanted = { ...lab, ...sides };
  return isEmpty(wanted) ? rest : { ...rest, lab: wanted };
}

function upstreamOfB(values: FlagValues): UpstreamProfile | undefined {
  const delay = textOf(values, "ab-upstream-delay");
  return delay === undefined ? undefined : { delay };
}

/** What the flags that shape the lab say, as `mesh-load lab` has them too. */
export function labIntent(values: FlagValues): Profile {
  const upstream = defined<NonNullable<LabProfile["upstream"]>>({
    protocol: textOf(values, "upstream") as "http/1.1" | "h2c" | undefined,
    delay: textOf(values, "upstream-delay"),
    size: numberOf(values, "upstream-size"),
    status: numberOf(values, "upstream-status"),
  });
  const lab = defined<LabProfile>({
    modes: listOf(values, "modes")?.map((mode): Mode => parseMode(mode)),
    workers: numberOf(values, "workers"),
    work: work("work", textOf(values, "work")),
    envoy: textOf(values, "envoy"),
    maxRequestsPerConnection: numberOf(values, "max-requests-per-connection"),
    maxConnectionDuration: textOf(values, "max-connection-duration"),
    tls: booleanOf(values, "tls"),
    hops: numberOf(values, "hops"),
    upstream: isEmpty(upstream) ? undefined : upstream,
  });
  return isEmpty(lab) ? {} : { lab };
}

function loadIntent(values: FlagValues, payloadFile: Buffer | null): LoadProfile {
  return defined<LoadProfile>({
    qps: numberOf(values, "qps"),
    connections: connectionsOf(values),
    duration: textOf(values, "t"),
    exactly: numberOf(values, "n"),
    calcQps: booleanOf(values, "calc-qps"),
    warmup: textOf(values, "warmup"),
    keepalive: booleanOf(values, "keepalive"),
    client: clientOf(values),
    followRedirects: booleanOf(values, "L"),
    compression: booleanOf(values, "compression"),
    proxy: textOf(values, "proxy"),
    protocol: protocolOf(values),
    streams: numberOf(values, "s"),
    timeout: textOf(values, "timeout"),
    arrivals: textOf(values, "arrivals") as LoadProfile["arrivals"],
    uniform: booleanOf(values, "uniform"),
    jitter: booleanOf(values, "jitter"),
    nocatchup: booleanOf(values, "nocatchup"),
    abortOn: numberOf(values, "abort-on"),
    allowInitialErrors: booleanOf(values, "allow-initial-errors"),
    pacing: textOf(values, "pacing") as LoadProfile["pacing"],
    threads: numberOf(values, "threads"),
    connect: connectOf(values),
    connectionReuse: textOf(values, "connection-reuse"),
    unixSocket: textOf(values, "unix-socket"),
    resolve: listOf(values, "resolve"),
    resolveIpType: textOf(values, "resolve-ip-type") as LoadProfile["resolveIpType"],
    dnsMethod: textOf(values, "dns-method") as LoadProfile["dnsMethod"],
    linger0: booleanOf(values, "linger0"),
    localAddresses: listOf(values, "local-addresses"),
    tls: tlsIntent(values),
    request: requestIntent(values, payloadFile),
  });
}

function connectionsOf(values: FlagValues): LoadProfile["connections"] | undefined {
  const [first, ...rest] = (listOf(values, "c") ?? []).map(Number);
  return first === undefined || rest.length === 0 ? first : [first, ...rest];
}

function tlsIntent(values: FlagValues): TlsProfile | undefined {
  const tls = defined<TlsProfile>({
    insecure: booleanOf(values, "https-insecure") ?? booleanOf(values, "k"),
    cacert: textOf(values, "cacert"),
    cert: textOf(values, "cert"),
    key: textOf(values, "key"),
    serverName: textOf(values, "sni"),
    resume: booleanOf(values, "tls-resume"),
  });
  return isEmpty(tls) ? undefined : tls;
}

function clientOf(values: FlagValues): LoadProfile["client"] | undefined {
  const standard = booleanOf(values, "stdclient");
  if (standard === undefined) return undefined;
  return standard ? "standard" : "fast";
}

// -h2=false says HTTP/1.1, whatever a profile says.
function protocolOf(values: FlagValues): LoadProfile["protocol"] | undefined {
  const h2 = booleanOf(values, "h2");
  const http10 = booleanOf(values, "http1.0");
  if (h2 === true && http10 === true)
    throw invalid("-h2 and -http1.0 contradict each other", "Keep one of them.");
  if (h2 === true) return "h2";
  if (http10 === true) return "http/1.0";
  return h2 === undefined && http10 === undefined ? undefined : "http/1.1";
}

function connectOf(values: FlagValues): string | undefined {
  const connect = textOf(values, "connect");
  if (booleanOf(values, "sequential-warmup") !== true) return connect;
  if (connect !== undefined && connect !== "serial")
    throw invalid(`-sequential-warmup and -connect ${connect} contradict each other`, "Keep one of them.");
  return "serial";
}

function requestIntent(values: FlagValues, payloadFile: Buffer | null): RequestProfile {
  const headers = headersOf(values);
  return defined<RequestProfile>({
    method: textOf(values, "X"),
    headers: isEmpty(headers) ? undefined : headers,
    payload: textOf(values, "payload"),
    payloadBase64: payloadFile?.toString("base64"),
    payloadSize: numberOf(values, "payload-size"),
  });
}

// The messages name no value: it may be a secret.
function headersOf(values: FlagValues): Record<string, string[]> {
  const headers = new Map<string, string[]>();
  const replace = (name: string, value: string): void => {
    for (const other of headers.keys()) if (other.toLowerCase() === name) headers.delete(other);
    headers.set(name, [value]);
  };
  for (const header of textsOf(values, "H")) {
    const [, name, value] = /^([^:]*):\s*(.*?)\s*$/s.exec(header) ?? [];
    if (name === undefined || value === undefined)
      throw invalid("-H lacks a colon", 'Write -H "Name: value".');
    headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  const type = textOf(values, "content-type");
  if (type !== undefined) replace("content-type", type);
  const user = textOf(values, "user");
  if (user !== undefined && !user.includes(":"))
    throw invalid("-user lacks a colon", "Write -user NAME:PASSWORD.");
  if (user !== undefined) replace("authorization", `Basic ${Buffer.from(user).toString("base64")}`);
  return Object.fromEntries(headers);
}

function work(flag: string, text: string | undefined): number | "auto" | undefined {
  if (text === undefined || text === "auto") return text;
  const us = parseNumber(text);
  if (us === undefined)
    throw invalid(
      `-${flag} ${JSON.stringify(text)} is neither microseconds nor auto`,
      `Write -${flag} 250, or -${flag} auto.`,
    );
  return us;
}

function percentile(text: string): number {
  const value = parseNumber(text);
  if (value === undefined)
    throw invalid(`-p: ${JSON.stringify(text)} is not a number`, "Write -p 50,90,99,99.9.");
  return value;
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
