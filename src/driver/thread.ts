/** A driver thread's entry: opens its connections, drives them when told, keeps them open until told to close. */

import { parentPort, workerData } from "node:worker_threads";
import { buffersOf } from "./buffers.ts";
import type { FromThread, ThreadPlan, ToThread } from "./messages.ts";
import { ThreadLoad } from "./thread-load.ts";
import { fastConnector } from "./thread-parts.ts";

const port = parentPort!;
const plan = workerData as ThreadPlan;
// Loaded only where it is asked for: undici costs a thread's start.
const connector =
  plan.load.client === "standard"
    ? (await import("./standard/connector.ts")).standardConnector
    : fastConnector;
const load = new ThreadLoad(plan, connector);

function post(message: FromThread, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

port.on("message", (message: ToThread) => {
  switch (message.kind) {
    case "open":
      load.openSlot(message.slot, (connection) => post({ kind: "tried", slot: message.slot, connection }));
      break;
    case "drive":
      load.drive(message.startAtUs, {
        onStop: (stop) => post({ kind: "stopped", stop }),
        onDone: (report) => post({ kind: "done", report }, buffersOf(report.samples)),
      });
      break;
    case "stop":
      load.stop();
      break;
    case "close":
      load.closeConnection(message.connection);
      post({ kind: "closed", connection: message.connection });
      break;
    case "end":
      void load.end().then(() => port.close());
      break;
    default:
      message satisfies never;
  }
});

post({ kind: "up" });
load.open(post);
