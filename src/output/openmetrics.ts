/** OpenMetrics text, for what scrapes or collects files. https://prometheus.io/docs/specs/om/open_metrics_spec/ */

import type { Distribution, ResultSet, Run } from "../result/result.ts";
import { groupOfRun } from "./groups.ts";
import { knownWorkers } from "./known-workers.ts";
import type { KnownWorker } from "./known-workers.ts";

type Labels = Readonly<Record<string, string | number | null>>;

interface Sample {
  /** Appended to the family's name. */
  readonly suffix: string;
  readonly labels: Labels;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly type: "summary" | "gauge" | "counter" | "info";
  readonly unit?: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Every figure of a run or worker under labels that say which. One exposition for all the sets. */
export function openmetrics(sets: readonly ResultSet[]): string {
  const runs = sets.flatMap((set) => set.runs.map((run) => ({ run, labels: labelsOf(set, run) })));
  const workers = runs.flatMap(({ run, labels }) =>
    knownWorkers(run).map((worker) => ({ worker, labels: { ...labels, worker: worker.id } })),
  );
  return `${[...runFamilies(runs), ...workerFamilies(workers), infoFamily(sets)].map(familyText).join("")}# EOF\n`;
}

function runFamilies(runs: readonly { readonly run: Run; readonly labels: Labels }[]): Family[] {
  const summary = (name: string, help: string, pick: (run: Run) => Distribution): Family => ({
    name: `mesh_load_${name}_seconds`,
    type: "summary",
    unit: "seconds",
    help,
    samples: runs.flatMap(({ run, labels }) => summaryOf(pick(run), labels)),
  });
  const gauge = (name: string, help: string, value: (run: Run) => number): Family => ({
    name: `mesh_load_${name}`,
    type: "gauge",
    help,
    samples: runs.map(({ run, labels }) => ({ suffix: "", labels, value: value(run) })),
  });
  const counter = (
    name: string,
    label: string,
    help: string,
    counts: (run: Run) => Run["statuses"],
  ): Family => ({
    name: `mesh_load_${name}`,
    type: "counter",
    help,
    samples: runs.flatMap(({ run, labels }) =>
      Object.entries(counts(run)).map(([key, value]) => ({
        suffix: "_total",
        labels: { ...labels, [label]: key },
        value,
      })),
    ),
  });
  return [
    summary("latency", "Intended start to last byte.", (run) => run.latency),
    summary("service_time", "Driver acts to last byte.", (run) => run.serviceTime),
    summary("lag", "How late the driver itself was.", (run) => run.lag),
    counter("responses", "status", "Complete responses by status.", (run) => run.statuses),
    counter("failures", "reason", "Failed requests by reason.", (run) => run.failures),
    gauge("requested_qps", "Requests a second asked for, 0 as fast as it goes.", (run) => run.requested.qps),
    gauge("qps", "Requests a second that were answered.", (run) => run.actual.qps),
    gauge("connections", "Connections of the run.", (run) => run.actual.connections),
    gauge("warnings", "Doubts about the measurement.", (run) => run.warnings.length),
  ];
}

function workerFamilies(
  workers: readonly { readonly worker: KnownWorker; readonly labels: Labels }[],
): Family[] {
  const gauge = (name: string, help: string, value: (worker: KnownWorker) => number | null): Family => ({
    name: `mesh_load_worker_${name}`,
    type: "gauge",
    help,
    samples: workers.flatMap(({ worker, labels }) => {
      const known = value(worker);
      return known === null ? [] : [{ suffix: "", labels, value: known }];
    }),
  });
  return [
    {
      name: "mesh_load_worker_latency_seconds",
      type: "summary",
      unit: "seconds",
      help: "Intended start to last byte, on the connections of one Envoy worker.",
      samples: workers.flatMap(({ worker, labels }) => summaryOf(worker.latency, labels)),
    },
    gauge("connections", "Connections that the worker held.", (worker) => worker.connections),
    gauge("requests", "Complete responses of the worker.", (worker) => worker.requests),
    gauge("cpu_ratio", "CPU of the worker, 1 is one core.", ({ cpuPercent }) =>
      cpuPercent === null ? null : cpuPercent / 100,
    ),
  ];
}

function infoFamily(sets: readonly ResultSet[]): Family {
  return {
    name: "mesh_load_result_set",
    type: "info",
    help: "What the result sets were taken with.",
    samples: sets.map(({ id, labels, startedAt, tool, environment }) => ({
      suffix: "_info",
      labels: {
        result_set: id,
        title: labels,
        started_at: startedAt,
        version: tool.version,
        envoy: environment.envoy,
        cpu_model: environment.cpuModel,
      },
      value: 1,
    })),
  };
}

function labelsOf(set: ResultSet, run: Run): Labels {
  return { result_set: set.id, run: run.order, group: groupOfRun(set, run), repetition: run.repetition };
}

/** Quantiles, count and sum; nothing of what never was. */
function summaryOf({ count, meanUs, percentilesUs }: Distribution, labels: Labels): Sample[] {
  if (count === 0) return [];
  return [
    ...Object.entries(percentilesUs).map(([percentile, us]) => ({
      suffix: "",
      labels: { ...labels, quantile: Number((Number(percentile) / 100).toFixed(8)) },
      value: us / 1e6,
    })),
    { suffix: "_count", labels, value: count },
    { suffix: "_sum", labels, value: (meanUs * count) / 1e6 },
  ];
}

/** A family without samples is left out. */
function familyText({ name, type, unit, help, samples }: Family): string {
  if (samples.length === 0) return "";
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...samples.map(({ suffix, labels, value }) => `${name}${suffix}${labelText(labels)} ${value}`),
    "",
  ].join("\n");
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}="${escapeLabel(String(value))}"`);
  return `{${pairs.join(",")}}`;
}

/** OpenMetrics §3.2, escaped-string. */
function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
