/**
 * Preloaded into every thread of a mesh-load under test: one of its driver threads dies in the middle of the load, by
 * an exception that nobody catches, by ending itself, or by using up its memory.
 */

import { parentPort, workerData } from "node:worker_threads";

const { MESH_LOAD_TEST_DYING: dying = "", MESH_LOAD_TEST_DEATH: death = "" } = process.env;
const thread = (workerData as { thread?: number } | null)?.thread;

if (thread !== undefined && dying.split(",").includes(String(thread)))
  // The order to drive comes 150 ms before the load begins.
  parentPort!.on("message", ({ kind }: { kind: string }) => {
    if (kind === "drive") setTimeout(die, 1200);
  });

function die(): void {
  switch (death) {
    case "throw":
      throw new Error("injected");
    case "exit":
      process.exit(9);
    default: {
      const hoard: unknown[] = [];
      for (;;) hoard.push(Array.from({ length: 1e5 }, () => ({})));
    }
  }
}
