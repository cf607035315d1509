import type { Peer } from "./peer.ts";

interface Distribution {
  readonly percentilesUs: Readonly<Record<string, number>>;
}

interface MeshLoadResult {
  readonly runs: readonly {
    readonly actual: { readonly driverCpuS: number };
    readonly latency: Distribution;
    readonly lag: Distribution;
  }[];
}

export const meshLoad: Peer = {
  name: "mesh-load",
  source: { kind: "own" },
  cannot: () => null,
  args: ({ url, work, extra }) => [
    "run",
    url,
    "-c",
    String(work.connections),
    "-qps",
    String(work.qps),
    "-t",
    `${work.seconds}s`,
    `-keepalive=${work.keepalive}`,
    "-threads",
    String(work.threads ?? 1),
    ...(work.streams === undefined ? [] : ["-h2", "-s", String(work.streams)]),
    ...(work.tls ? ["-k"] : []),
    "-no-save",
    "-quiet",
    "-json",
    "-",
    ...extra,
  ],
  parse: (stdout) => {
    const { actual, latency, lag } = (JSON.parse(stdout) as MeshLoadResult).runs[0]!;
    return {
      p50Us: latency.percentilesUs["50"]!,
      p99Us: latency.percentilesUs["99"]!,
      lagP50Us: lag.percentilesUs["50"]!,
      lagP99Us: lag.percentilesUs["99"]!,
      loadCpuS: actual.driverCpuS,
    };
  },
};
