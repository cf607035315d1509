/** What the threads counted above their caps, as one. */

import type { CoarseSamples, Counts } from "../result/coarse-samples.ts";
import { noConnection } from "../result/load.ts";

/** A thread's part, and how many rows of connections precede its own in the whole load. */
export interface CoarsePart {
  readonly coarse: CoarseSamples;
  readonly offset: number;
}

/** Adds up at least one part. */
export function mergeCoarse(parts: readonly CoarsePart[]): CoarseSamples {
  const all = parts.map(({ coarse }) => coarse);
  const censored = all.map((part) => part.censored).filter(({ count }) => count > 0);
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    groups: parts.flatMap(({ coarse, offset }) =>
      coarse.groups.map((group) => ({ ...group, connection: moved(group.connection, offset) })),
    ),
    blocked: added(all.map(({ blocked }) => blocked)),
    lag: added(all.map(({ lag }) => lag)),
    failureLatency: added(all.map(({ failureLatency }) => failureLatency)),
    outcomes: added(all.map(({ outcomes }) => outcomes)),
    connection: addedCounts(parts.map(({ coarse, offset }) => ({ counts: coarse.connection, offset }))),
    second: addedCounts(all.map(({ second }) => ({ counts: second, offset: 0 }))),
    acted: {
      all: added(all.map(({ acted }) => acted.all)),
      answered: added(all.map(({ acted }) => acted.answered)),
    },
    censored: {
      count: censored.reduce((sum, { count }) => sum + count, 0),
      youngestUs: censored.length === 0 ? 0 : Math.min(...censored.map(({ youngestUs }) => youngestUs)),
      oldestUs: Math.max(0, ...censored.map(({ oldestUs }) => oldestUs)),
    },
    lastResponseUs: Math.max(...all.map(({ lastResponseUs }) => lastResponseUs)),
  };
}

/** A row of a thread's own table of connections, in that of the whole load. */
export function moved(row: number, offset: number): number {
  return row === noConnection ? row : row + offset;
}

function addedCounts(parts: readonly { counts: Counts; offset: number }[]): Counts {
  const offsets = parts.map(({ offset }) => offset);
  return {
    requests: added(
      parts.map(({ counts }) => counts.requests),
      offsets,
    ),
    failures: added(
      parts.map(({ counts }) => counts.failures),
      offsets,
    ),
  };
}

/** Adds columns key by key, each `offsets` further on. */
function added(columns: readonly Uint32Array[], offsets: readonly number[] = []): Uint32Array {
  const ends = columns.map((column, part) => column.length + (offsets[part] ?? 0));
  const sum = new Uint32Array(Math.max(...ends));
  columns.forEach((column, part) => {
    const offset = offsets[part] ?? 0;
    for (let key = 0; key < column.length; key++) sum[key + offset]! += column[key]!;
  });
  return sum;
}
