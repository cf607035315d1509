/**
 * Preloaded into every thread of a mesh-load under test: one of its driver threads dies in the middle of the load, by
 * an exception that nobody catches, by ending itself, or by using up its memory.
 */

import { workerData } from "node:worker_threads";

const { MESH_LOAD_TEST_DYING: dying = "", MESH_LOAD_TEST_DEATH: death = "" } = process.env;
const thread = (workerData as { thread?: number } | null)?.thread;

if (thread !== undefined && dying.split(",").includes(String(thread)))
  setTimeout(() => {
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
  }, 1500);
