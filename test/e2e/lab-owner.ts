/** A process of its own that starts a lab, tells Envoy's PID on stdout, and then ends as it is told: see lab.test.ts. */

import { startLab } from "../../src/lab/lab.ts";

const [envoy = "", cacheDir = "", end] = process.argv.slice(2);

if (end === "handles-signals") process.on("SIGINT", () => undefined);
const lab = await startLab(
  { modes: ["default"], workers: 1, workUs: 0, envoy, upstream: null, tls: false },
  { qps: 100, places: { envoyBin: undefined, path: "", cacheDir }, onNote: () => undefined },
);
process.stdout.write(`${lab.pid}\n`);
if (end === "crashes") throw new Error("as told");
setTimeout(() => undefined, 30_000);
