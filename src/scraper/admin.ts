/** Envoy's admin interface over HTTP. One connection and one request at a time: nothing here needs a queue. */

import { Client, errors } from "undici";
import { MeshLoadError, messageOf } from "../errors.ts";
import { parsePrometheus } from "./prometheus.ts";

/** What `/server_info` says that matters here. */
export interface ServerInfo {
  /** `1.40.0`; the whole version text where it has another form. */
  readonly version: string;
  /** Worker threads. */
  readonly concurrency: number | null;
}

/**
 * An open admin. Every method throws MeshLoadError ADMIN_UNREACHABLE where nothing answers in time, and
 * ADMIN_NOT_ENVOY where something else does. The JSON that comes back is as Envoy wrote it, unchecked.
 */
export interface Admin extends AsyncDisposable {
  /** Without a trailing slash. */
  readonly url: string;
  /** `/stats` whose names match the RE2 expression; `detailed` asks for the bins of histograms, not for quantiles. */
  stats(filter: string, options?: { readonly detailed?: boolean }): Promise<unknown>;
  /** `null` where only a page of stats is shown, for Prometheus: then there is no configuration either. */
  serverInfo(): Promise<ServerInfo | null>;
  configDump(): Promise<unknown>;
  /** `/listeners`: the addresses that were really bound. */
  listeners(): Promise<unknown>;
  /** `/clusters`: the endpoints of every cluster. */
  clusters(): Promise<unknown>;
}

const patienceMs = 3000;

/** Opens nothing yet: the first question connects. `url` may carry a path, where the admin stands behind a proxy. */
export function createAdmin(url: string): Admin {
  const base = new URL(url);
  const isPage = base.pathname.replace(/\/+$/, "").endsWith("/stats/prometheus");
  const client = new Client(base.origin, {
    connectTimeout: patienceMs,
    headersTimeout: patienceMs,
    bodyTimeout: patienceMs,
  });
  const get = async (path: string): Promise<unknown> =>
    parseJson(await ask(client, { url, path: `${base.pathname.replace(/\/+$/, "")}${path}` }), url, path);
  if (isPage) return createStatsPage(client, url);
  return {
    url: url.replace(/\/+$/, ""),
    stats: (filter, { detailed = false } = {}) =>
      get(
        `/stats?format=json${detailed ? "&histogram_buckets=detailed" : ""}&filter=${encodeURIComponent(filter)}`,
      ),
    serverInfo: async () => parseServerInfo(await get("/server_info"), url),
    configDump: () => get("/config_dump"),
    listeners: () => get("/listeners?format=json"),
    clusters: () => get("/clusters?format=json"),
    [Symbol.asyncDispose]: () => client.destroy(),
  };
}

const nothing = (): Promise<null> => Promise.resolve(null);

/** What there is of an admin where only `/stats/prometheus` is shown. */
function createStatsPage(client: Client, url: string): Admin {
  const { pathname } = new URL(url);
  return {
    url,
    stats: async (filter) => {
      const text = await ask(client, { url, path: `${pathname}?filter=${encodeURIComponent(filter)}` });
      const page = parsePrometheus(text);
      // Envoy's page is empty where nothing matches the filter; other programs know no filter.
      if (page === null && text.trim() !== "") throw notEnvoy(url, "none of its stats is an Envoy's");
      return page ?? { stats: [] };
    },
    serverInfo: nothing,
    configDump: nothing,
    listeners: nothing,
    clusters: nothing,
    [Symbol.asyncDispose]: () => client.destroy(),
  };
}

async function ask(client: Client, { url, path }: { url: string; path: string }): Promise<string> {
  let status: number;
  let text: string;
  try {
    // Trickled bodies would outlive the pauses that undici bounds; the signal bounds the whole.
    const signal = AbortSignal.timeout(2 * patienceMs);
    const response = await client.request({ method: "GET", path, signal });
    status = response.statusCode;
    text = await response.body.text();
  } catch (cause) {
    if (cause instanceof errors.HTTPParserError) throw notEnvoy(url, "it does not speak HTTP/1.1");
    throw new MeshLoadError("ADMIN_UNREACHABLE", `the admin ${url} does not answer: ${messageOf(cause)}`, {
      hint: "Give with -admin the address of Envoy's `admin:` block, often http://127.0.0.1:9901 (Istio: 15000).",
      cause,
    });
  }
  if (status !== 200) throw notEnvoy(url, `GET ${path.replace(/\?.*/, "")} gave status ${status}`);
  return text;
}

function parseJson(text: string, url: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw notEnvoy(url, `GET ${path.replace(/\?.*/, "")} gave no JSON`);
  }
}

function notEnvoy(url: string, what: string): MeshLoadError {
  return new MeshLoadError("ADMIN_NOT_ENVOY", `${url} answers, but not as Envoy's admin: ${what}`, {
    hint: "Is it the port of a listener? Envoy's admin has a port of its own, in the `admin:` block of its bootstrap.",
  });
}

function parseServerInfo(info: unknown, url: string): ServerInfo {
  const { version, command_line_options: options } = (info ?? {}) as {
    version?: unknown;
    command_line_options?: { concurrency?: unknown };
  };
  if (typeof version !== "string" || options === undefined)
    throw notEnvoy(url, "its /server_info names no version");
  const concurrency = options.concurrency;
  // commit/1.40.0/Clean/RELEASE/BoringSSL
  return {
    version: version.split("/")[1] ?? version,
    concurrency: typeof concurrency === "number" ? concurrency : null,
  };
}
