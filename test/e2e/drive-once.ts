/** One short run of mesh-load on a URL, as the command line would make it. */

import { createPlan } from "../../src/plan/create-plan.ts";
import type { Profile, TargetProfile } from "../../src/plan/profile.ts";
import type { Run } from "../../src/result/result.ts";
import { run } from "../../src/run.ts";

export interface RunWish extends Profile {
  readonly target: TargetProfile;
  readonly onStart?: () => void;
}

export async function driveOnce({ target, onStart = () => undefined, load, ...over }: RunWish): Promise<Run> {
  const plan = createPlan({
    flags: {
      targets: [target],
      load: { connections: 24, qps: 480, duration: "500ms", ...load },
      ...over,
    },
    freshSeed: 1,
  });
  const place = { kind: "url", order: 0, block: 0, step: "", repetition: 0 } as const;
  const signal = AbortSignal.timeout(30_000);
  return (await run({ plan, target: plan.targets[0]!, ...place }, { signal, onStart })).run;
}

export const messagesOf = ({ warnings }: Run, code: string): string[] =>
  warnings.filter((warning) => warning.code === code).map(({ message }) => message);
