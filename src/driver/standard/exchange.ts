/** One request, as undici tells of it. It ends once: whatever is told later changes nothing. */

import type { FailureReason } from "../../result/load.ts";
import { failureMessage } from "../connect-failure.ts";
import { failureOf } from "./failure.ts";
import type { ExchangeContext, ExchangeController, ExchangeHandler } from "./http-client.ts";
import type { Link } from "./link.ts";

/** Who is told how it ends, and knows the connection that undici writes to. */
export interface ExchangeOwner {
  readonly link: Link | null;
  completed(exchange: Exchange, status: number): void;
  /** Told by undici amid its own work: it takes no new request before that is done. */
  failed(exchange: Exchange): void;
  redirected(exchange: Exchange): void;
  /** On the way to another origin, or after ours had ended: of its own handshakes the connection tells itself. */
  handshakeFailed(why: string): void;
  /** The header of a response on its connection. */
  answered(link: Link, headers: Readonly<Record<string, unknown>>): void;
}

export class Exchange implements ExchangeHandler {
  readonly request: number;
  /** The connection that it was first written to. */
  link: Link | null = null;
  /** Why it failed, once it has. */
  reason: FailureReason | null = null;
  readonly #owner: ExchangeOwner;
  #controller: ExchangeController | null = null;
  #redirects = 0;
  #status = 0;
  #over = false;

  constructor(request: number, owner: ExchangeOwner) {
    this.request = request;
    this.#owner = owner;
  }

  /** Nothing of it is told any more, and its stream is reset where it has one. */
  giveUp(): void {
    this.#over = true;
    this.#controller?.abort(notWanted);
  }

  /** undici is about to write it. What is thrown here keeps it from that and leaves the connection as it is. */
  onRequestStart(controller: ExchangeController, context: ExchangeContext): void {
    if (this.#over) throw notWanted;
    this.#controller = controller;
    const { link } = this.#owner;
    const redirects = context?.history?.length ?? 0;
    if (redirects > this.#redirects) {
      this.#redirects = redirects;
      this.#owner.redirected(this);
    } else if (this.link !== null) {
      // undici repeats what a server refused, or did not see before it went away: here that is an outcome.
      this.#end(this.link === link ? "refused-stream" : "goaway");
      throw notWanted;
    }
    this.link ??= link;
  }

  onResponseStart(_: ExchangeController, status: number, headers: Readonly<Record<string, unknown>>): void {
    if (status < 200) return;
    this.#status = status;
    if (!this.#over && this.link !== null) this.#owner.answered(this.link, headers);
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.completed(this, this.#status);
  }

  onResponseError(_: ExchangeController, error: Error): void {
    const link = this.link ?? this.#owner.link;
    const reason = failureOf(error, link);
    if (reason === "tls" && link?.phase === "open") this.#owner.handshakeFailed(failureMessage(error));
    this.#end(reason);
  }

  #end(reason: FailureReason): void {
    if (this.#over) return;
    this.#over = true;
    this.reason = reason;
    this.#owner.failed(this);
  }
}

/**
 * undici has no call that only connects: a request that is given up the moment before it is written does that. Its end is
 * always an error; whether there is a connection now is the owner's to know.
 */
export const onlyConnecting = (onEnd: (error: Error) => void): ExchangeHandler => ({
  onRequestStart: () => {
    throw notWanted;
  },
  onResponseStart: () => {},
  onResponseData: () => {},
  onResponseEnd: () => {},
  onResponseError: (_, error) => onEnd(error),
});

const notWanted = new Error("not wanted any more");
