/** Everything that passes between the driver and its threads: plain serialisable values, one union a direction. */

import type { LoadPlan } from "../plan/plan.ts";
import type { ScheduleSpec } from "../plan/schedule.ts";
import type { KindTally, LoadConnection, Samples, Warmup } from "../result/load.ts";
import type { Stop } from "../result/stop.ts";
import type { Counters } from "./progress.ts";
import type { ServerAddresses } from "./server-addresses.ts";
import type { WireRequest } from "./wire-requests.ts";
import type { TlsSettings, TlsTrust } from "./tls-client.ts";

/** What a thread is started with. */
export interface ThreadPlan {
  readonly thread: number;
  readonly threads: number;
  /** Where to connect, resolved once for all threads. */
  readonly addresses: ServerAddresses;
  /** What is asked for. */
  readonly url: string;
  /** The proxy in between, with its credentials. */
  readonly proxy: string | null;
  /** `null` for plain text. */
  readonly tls: TlsSettings | null;
  /** For the other origins that redirects lead to; `null` where none is followed there. */
  readonly tlsElsewhere: TlsTrust | null;
  /** The kinds of request, in the order of the plan. */
  readonly requests: readonly WireRequest[];
  readonly load: LoadPlan;
  readonly schedule: ScheduleSpec;
  readonly workerHeader: string;
  readonly counters: Counters;
  /** Keep each request's intended start. */
  readonly starts: boolean;
}

export type ToThread =
  /** By the slot's number within the thread, where connections are opened in turn. */
  | { readonly kind: "open"; readonly slot: number }
  | { readonly kind: "drive"; readonly startAtUs: number }
  | { readonly kind: "stop" }
  | { readonly kind: "close"; readonly connection: number }
  | { readonly kind: "end" };

export type FromThread =
  /** It takes messages. */
  | { readonly kind: "up" }
  | { readonly kind: "tried"; readonly slot: number; readonly connection: LoadConnection | null }
  | {
      readonly kind: "opened";
      readonly connections: readonly LoadConnection[];
      readonly failures: readonly {
        readonly slot: number;
        readonly reason: string;
        readonly message: string;
      }[];
    }
  | { readonly kind: "stopped"; readonly stop: Stop }
  | { readonly kind: "done"; readonly report: ThreadReport }
  | { readonly kind: "closed"; readonly connection: number };

/** One thread's part of the load. */
export interface ThreadReport {
  readonly samples: Samples;
  /** What became of each kind of request; none where there is one kind. */
  readonly requestKinds: readonly KindTally[];
  readonly connections: readonly LoadConnection[];
  /** Handshakes that failed, by what is known of why. */
  readonly tlsFailures: Readonly<Record<string, number>>;
  readonly skipped: number;
  readonly warmup: Warmup;
  readonly redirects: number;
  /** Responses whose end the kernel told. */
  readonly kernelTimed: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** It was told to end before its schedule did, or told itself. */
  readonly cutShort: boolean;
  readonly endedAtUs: number;
  /** Share of the load's time in which the thread was not waiting for events. */
  readonly busy: number;
}
