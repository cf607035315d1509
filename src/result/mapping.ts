/** What the mapping hands over: the worker of each connection, and how it is known. */

import type { MappingMethod } from "./result.ts";

export interface Mapping {
  readonly method: MappingMethod;
  /** Connection id (`LoadConnection.id`) → worker id. A connection that is not here is unmapped, never guessed. */
  readonly workerOf: ReadonlyMap<number, number>;
  readonly checks: readonly {
    readonly method: MappingMethod;
    readonly compared: number;
    readonly disagreed: number;
  }[];
  /** In words: which way told how many, and what kept others from it. */
  readonly reason: string;
}
