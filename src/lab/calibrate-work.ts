/** From the work that a plan asks for to the turns of the loop that burn it, measured and written down. */

import { MeshLoadError } from "../errors.ts";
import type { Work } from "../result/result.ts";
import type { ListenerAddress } from "./calibration-connection.ts";
import { probeWorker } from "./calibration.ts";
import { writeWhole } from "./whole-file.ts";
import { calibrationQps, sizeWork } from "./work.ts";
import type { WorkWish } from "./work.ts";

export interface CalibrateOptions {
  readonly pid: number;
  readonly workers: number;
  readonly listener: ListenerAddress;
  /** The workers' script reads the turns there. */
  readonly workFile: string;
  readonly onNote: (line: string) => void;
}

/**
 * Takes a few hundred milliseconds, less where requests are cheap. From then on each request burns the work.
 *
 * @returns `null` where CPU cannot be measured and none in particular was asked for
 * @throws MeshLoadError PLAN_IMPOSSIBLE where it was; ENVOY_FAILED where Envoy ends meanwhile
 */
export async function calibrateWork(wish: WorkWish, options: CalibrateOptions): Promise<Work | null> {
  const { pid, listener, workers, workFile, onNote } = options;
  using worker = await probeWorker(pid, { listener, workers });
  if (worker === null || worker.turnUs <= 0) {
    const reason = `the CPU time of Envoy's workers cannot be read (/proc/${pid}/task/TID/schedstat)`;
    if (wish.workUs !== "auto")
      throw new MeshLoadError("PLAN_IMPOSSIBLE", `-work ${wish.workUs} cannot be calibrated: ${reason}`, {
        hint: "Use -work 0, or a Linux machine.",
      });
    onNote(`Requests burn no extra CPU in this lab, and skew may hardly show: ${reason}`);
    return null;
  }
  const { turnUs, sequentialBaseUs } = worker;
  const guess = sizeWork(wish, { baseUs: sequentialBaseUs, turnUs });
  const costUs = await worker.pacedCostUs(guess.iterations, calibrationQps(wish.qps, guess));
  const work = sizeWork(wish, { baseUs: Math.max(0, costUs - guess.perRequestUs), turnUs });
  await writeWhole(workFile, `${work.iterations}\n`);
  return work;
}
