/** The table of a load job: medians over its rounds, and mesh-load's ratio to each peer, round by round. */

import type { Column } from "./columns.ts";
import type { LoadJob } from "./job.ts";
import { isOurs, ratiosOf, valuesOf } from "./series.ts";
import type { RoundState, Series } from "./series.ts";
import { median } from "./statistics.ts";
import type { Table } from "./table.ts";

export function loadTable(
  { columns }: LoadJob,
  all: readonly Series[],
  states: readonly RoundState[],
): Table {
  const measured = all.filter(({ rounds }) => rounds.some((round) => round !== null));
  const ours = measured.filter(isOurs);
  const told = columns.filter((column) =>
    measured.some((series) => valuesOf(series, column).some((value) => value !== null)),
  );
  const fields = told.flatMap((column) =>
    [valueField(column)].concat(column.ratio ? ours.map((own) => ratioField(own, column)) : []),
  );
  return {
    headings: ["", ...fields.map(({ heading }) => heading)],
    rows: measured.map((series) => [series.entrant.name].concat(fields.map(({ text }) => text(series)))),
    notes: notes(all, states),
  };
}

/** A column of the table: its heading, and its text in the row of a series. */
interface Field {
  readonly heading: string;
  readonly text: (series: Series) => string;
}

function valueField(column: Column): Field {
  return { heading: column.label, text: (series) => cell(valuesOf(series, column), column.digits) };
}

function ratioField(own: Series, column: Column): Field {
  return {
    heading: `${own.entrant.name} ÷ it`,
    text: (series) => {
      if (series === own) return "";
      const ratios = ratiosOf(own, series, column);
      return cell(ratios, ratios.some((ratio) => ratio !== null && Math.abs(ratio) < 0.1) ? 4 : 2);
    },
  };
}

/** `median [least–most]`, or the one value. */
function cell(values: readonly (number | null)[], digits: number): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return "–";
  const text = (value: number): string => value.toFixed(digits);
  if (known.length === 1) return text(known[0]!);
  return `${text(median(known))} [${text(Math.min(...known))}–${text(Math.max(...known))}]`;
}

function notes(all: readonly Series[], states: readonly RoundState[]): string[] {
  const remarks = all
    .filter(({ remarks }) => remarks.size > 0)
    .map(({ entrant, rounds, remarks }) => {
      const absent = rounds.every((round) => round === null) ? "not measured: " : "";
      return `${entrant.name}: ${absent}${[...remarks].join("; ")}`;
    });
  const list = (text: (state: RoundState) => string): string => states.map(text).join(", ");
  const machine = `Before each round: load average ${list((s) => s.loadAverage.toFixed(2))}; CPU in use ${list((s) => percent(s.busy))}. During it, taken by the hypervisor: ${list((s) => percent(s.steal))}.`;
  return [...remarks, machine];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
