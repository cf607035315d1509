/** What became of the requests: the parts of their lives where there is one run, and statuses, failures, connections. */

import type { Distribution, ResultSet, Run } from "../result/result.ts";
import { formatMillis } from "../units.ts";
import { latencyOf, quantileMs } from "./figures.ts";
import { renderGrid } from "./grid.ts";
import type { Look } from "./style.ts";
import { wrap } from "./wrap.ts";

const parts: readonly (readonly [title: string, pick: (run: Run) => Distribution])[] = [
  ["  blocked (connection busy)", (run) => run.blocked],
  ["  lag (mesh-load itself)", (run) => run.lag],
  ["  service time", (run) => run.serviceTime],
  ["connect", (run) => run.connectTime],
  ["TLS handshake", (run) => run.tlsTime],
  ["failed requests", (run) => run.failureLatency],
];

const keys = ["50", "75", "90", "99", "99.9", "max"] as const;

/** Every part of a request's life, in milliseconds. Parts that never were are left out. */
export function partsTable(run: Run, { style, width }: Look): string[] {
  const titles = ["ms", "mean", ...keys.map((key) => (key === "max" ? key : `p${key}`))];
  // Only whole lives are censored: the age of an unanswered request bounds its latency from below.
  const latency = keys.map((key) => quantileMs([run], (one) => one.latency, key));
  const rows = run.latency.count === 0 ? [] : [["latency", formatMillis(run.latency.meanUs), ...latency]];
  for (const [title, pick] of parts) {
    const { count, meanUs, maxUs, percentilesUs } = pick(run);
    const figures = [meanUs, ...keys.map((key) => (key === "max" ? maxUs : (percentilesUs[key] ?? 0)))];
    if (count > 0) rows.push([title, ...figures.map(formatMillis)]);
  }
  const [head, ...lines] = renderGrid(
    titles.map((title, i) => ({ title, align: i === 0 ? "left" : "right" })),
    rows,
    width,
  );
  return [style.title(head!), ...lines];
}

/** Responses by status, failures by reason and sockets, summed over the runs. */
export function outcomeLines({ runs }: ResultSet, { width }: Look): string[] {
  const sum = (count: (run: Run) => number): number => runs.reduce((total, run) => total + count(run), 0);
  const redirects = sum((run) => run.redirects);
  const skipped = sum((run) => run.skipped);
  const facts: [name: string, fact: string][] = [
    [
      "Requests",
      `${sum((run) => latencyOf(run).count)}${skipped > 0 ? `, and ${skipped} slots skipped` : ""}`,
    ],
    ["Responses", sumTables(runs.map((run) => run.statuses)) || "none"],
    ["Redirects", redirects > 0 ? `${redirects} followed` : ""],
    ["Failures", sumTables(runs.map((run) => run.failures))],
    [
      "Connections",
      `${sum((run) => run.socketsOpened)} opened${runs.length === 1 ? "" : ` over ${runs.length} runs`}${addressesOf(runs)}${retiredOf(runs)}${mappedBy(runs)}`,
    ],
  ];
  return facts
    .filter(([, fact]) => fact !== "")
    .flatMap(([name, fact]) => wrap(fact, width, { first: name.padEnd(13), hang: 13 }));
}

function retiredOf(runs: readonly Run[]): string {
  const retired = runs.reduce((sum, run) => sum + run.retired, 0);
  return retired === 0 ? "" : `, ${retired} of them replaced as planned`;
}

/** Where the connections went, if not all to one address. */
function addressesOf(runs: readonly Run[]): string {
  const addresses = runs.map((run) => run.addresses);
  return addresses.some((one) => Object.keys(one).length > 1) ? ` (${sumTables(addresses)})` : "";
}

/** `, the worker known of 1920 (epoll)` */
function mappedBy(runs: readonly Run[]): string {
  const seen = runs.map(({ mapping }) => mapping).filter(({ mapped }) => mapped > 0);
  if (seen.length === 0) return "";
  const methods = [...new Set(seen.map(({ method }) => method))].join(", ");
  return `, the worker known of ${seen.reduce((sum, { mapped }) => sum + mapped, 0)} (${methods})`;
}

/** `200: 54000, 503: 12` */
export function sumTables(tables: readonly Readonly<Record<string, number>>[]): string {
  const sums = new Map<string, number>();
  for (const table of tables)
    for (const [key, count] of Object.entries(table)) sums.set(key, (sums.get(key) ?? 0) + count);
  return [...sums].map(([key, count]) => `${key}: ${count}`).join(", ");
}
