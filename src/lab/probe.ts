/** One HTTP request to the lab itself. */

import { request } from "node:http";
import { request as secureRequest } from "node:https";
import type { Agent, IncomingHttpHeaders } from "node:http";

export interface ProbeOptions {
  /** Connections to use, or none to keep. */
  readonly agent?: Agent;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Who vouches for an https:// URL. */
  readonly ca?: string | undefined;
}

export interface ProbeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** GETs `url` and resolves with the whole answer; rejects where none comes. */
export function probe(
  url: string,
  { agent, headers = {}, timeoutMs = 5000, ca }: ProbeOptions = {},
): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const options = { agent: agent ?? false, headers, timeout: timeoutMs, ca };
    const outgoing = (url.startsWith("https:") ? secureRequest : request)(url, options, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => void (body += text));
      response.on("error", reject);
      response.on("end", () => {
        // Envoy closes a second after "Connection: close", and would count the connection until then.
        if (agent === undefined) outgoing.destroy();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    outgoing.on(
      "timeout",
      () => void outgoing.destroy(new Error(`${url} did not answer within ${timeoutMs} ms`)),
    );
    outgoing.on("error", reject);
    outgoing.end();
  });
}
