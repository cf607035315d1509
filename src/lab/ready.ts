/** Ready means that every listener answered a request, not that somebody says so. */

import { probe } from "./probe.ts";
import { untilReady } from "./until-ready.ts";
import { calibrateHeader, workerHeader } from "./worker-script.ts";

export interface EnvoyReadyOptions {
  readonly admin: string;
  readonly urls: readonly string[];
  /** Who vouches for https:// URLs. */
  readonly ca?: string | undefined;
  /** Of each process: rejects where it ends. */
  readonly failed: readonly Promise<never>[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves with the version that the admin tells, once every URL has answered through the lab's own filter.
 *
 * @throws MeshLoadError ENVOY_FAILED where that takes more than 20 s; what one of `failed` says; the signal's reason
 */
export async function envoyReady(options: EnvoyReadyOptions): Promise<string> {
  const { failed, signal } = options;
  return untilReady(() => answersAll(options), { who: "Envoy", failed, signal });
}

async function answersAll({ admin, urls, ca }: EnvoyReadyOptions): Promise<string> {
  // Of the calibration's kind, so that an upstream answers at once, whatever delay it shall have.
  const headers = { [calibrateHeader]: "0" };
  const answers = await Promise.all(urls.map((url) => probe(url, { headers, ca })));
  const stranger = urls.find((_, index) => answers[index]?.headers[workerHeader] === undefined);
  if (stranger !== undefined) throw new Error(`${stranger} is answered by something else`);
  return versionIn((await probe(`${admin}/server_info`)).body);
}

/** `"9e55…/1.40.0/Clean/RELEASE/BoringSSL"` → `"1.40.0"`. */
function versionIn(serverInfo: string): string {
  const { version } = JSON.parse(serverInfo) as { version: string };
  return version.split("/")[1] ?? version;
}
