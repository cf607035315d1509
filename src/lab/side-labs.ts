/** The lab of an experiment, or one for each of its two sides. */

import type { ABSide, LabPlan } from "../plan/plan.ts";
import { startLab } from "./lab.ts";
import type { Lab, StartLabOptions } from "./lab.ts";

export interface SideLabs extends AsyncDisposable {
  /** Empty: the only one; side a's where there are two. */
  readonly labOf: (side: ABSide | "") => Lab;
}

/** Starts what the plan asks for, as `startLab` does; nothing stays up where one of two cannot start. */
export async function startSideLabs(
  { sides, ...plan }: LabPlan,
  options: StartLabOptions,
): Promise<SideLabs> {
  if (sides === null) {
    const lab = await startLab(plan, options);
    return { labOf: () => lab, [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]() };
  }
  const start = (side: ABSide, as?: Lab): Promise<Lab> => {
    const { workUs, ...parts } = sides[side];
    const own = { ...plan, ...parts, workUs: workUs ?? plan.workUs };
    return startLab(own, { ...options, ...(as === undefined ? {} : { work: as.work }) });
  };
  const a = await start("a");
  // Calibrated twice, equal labs would burn work that differs by a few per cent, and latency by more.
  const isAlike = sides.b.workUs === null && sides.a.workUs === null;
  const b = await start("b", isAlike ? a : undefined).catch(async (error: unknown) => {
    await a[Symbol.asyncDispose]();
    throw error;
  });
  return {
    labOf: (side) => (side === "b" ? b : a),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([a, b].map((lab) => lab[Symbol.asyncDispose]()));
    },
  };
}
