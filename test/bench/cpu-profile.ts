/** Shares of a V8 CPU profile. Format: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
}

/** Share of the busy samples that lie in functions of files that `wanted` names, or in what those call. */
export function busyShare({ nodes, samples }: CpuProfile, wanted: (url: string) => boolean): number {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const inside = new Set<number>();
  const enter = (id: number): void => {
    inside.add(id);
    for (const child of byId.get(id)?.children ?? []) enter(child);
  };
  for (const { id, callFrame } of nodes) if (wanted(callFrame.url)) enter(id);
  const busy = samples.filter((id) => byId.get(id)?.callFrame.functionName !== "(idle)");
  return busy.length === 0 ? 0 : busy.filter((id) => inside.has(id)).length / busy.length;
}
