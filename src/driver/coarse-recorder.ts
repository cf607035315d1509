/**
 * Requests above the cap of kept samples, in coarse histograms. Hot path from then on: what `record` allocates, it
 * allocates once a group or at a doubling.
 *
 * Memory is bounded by the groups, 28 kB each. The first 1024 connections of a thread have one of their own, since
 * their worker may become known only after the load. All later ones (more connections than that, or short-lived ones)
 * share one for each worker that a response header named, and the rest share one of no worker. Beside them stand 16 bytes
 * for each second of the load and 8 for each of the first 65536 connections.
 */

import { bucketCount, bucketOf } from "../result/coarse-samples.ts";
import type { CoarseGroup, CoarseSamples } from "../result/coarse-samples.ts";
import { failureReasonOf, isErrorStatus, noConnection, outcomeCount, outcomeOf } from "../result/load.ts";
import { enlarge } from "./connection-table.ts";

const ownGroups = 1024;
/** No server has more workers, by whatever numbers it calls them; a header that counts on does not fill the memory. */
const workerGroups = 1024;
/** More than a thread can hold open: of short-lived connections, which alone go beyond, no result lists any. */
const countedConnections = 1 << 16;

const neverSent = outcomeOf("never-sent");

/** Its multiples fill an interval more evenly than any random draw (H. Weyl, 1916). */
const goldenRatio = (Math.sqrt(5) - 1) / 2;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

type Column = Uint32Array<ArrayBuffer>;

export class CoarseRecorder {
  readonly #workerOf: (row: number) => number;
  readonly #groups = new Map<number, Mutable<CoarseGroup>>();
  readonly #blocked = createHistogram();
  readonly #lag = createHistogram();
  readonly #failureLatency = createHistogram();
  readonly #outcomes = new Uint32Array(outcomeCount);
  readonly #connection = createCounts();
  readonly #second = createCounts();
  readonly #acted = { all: createColumn(), answered: createColumn() };
  readonly #censored = { count: 0, youngestUs: 0, oldestUs: 0 };
  #count = 0;
  /** Groups of workers that a header named. */
  #workers = 0;
  /** Where in its second the next request is taken to be due: they are spread evenly over it. */
  #within = 0;
  #lastResponseUs = 0;

  /** `workerOf` says which worker a header named on a connection's row, −1 where none did. */
  constructor(workerOf: (row: number) => number) {
    this.#workerOf = workerOf;
  }

  record(
    latencyUs: number,
    blockedUs: number,
    lagUs: number,
    connection: number,
    second: number,
    outcome: number,
  ): void {
    const complete = failureReasonOf(outcome) === undefined;
    const failed = !complete || isErrorStatus(outcome);
    const group = this.#groupOf(connection);
    const lateUs = Math.max(0, lagUs);
    const latencyBucket = bucketOf(latencyUs);

    this.#count++;
    this.#outcomes[outcome]!++;
    group.latency[latencyBucket]!++;
    group.latencyWithoutLag[bucketOf(latencyUs - lateUs)]!++;
    this.#blocked[bucketOf(blockedUs)]!++;
    this.#lag[bucketOf(lateUs)]!++;
    if (outcome !== neverSent) {
      group.serviceTime[bucketOf(latencyUs - blockedUs - lateUs)]!++;
      this.#within = (this.#within + goldenRatio) % 1;
      const actedIn = Math.floor(second + this.#within + (blockedUs + lateUs) / 1e6);
      this.#acted.all = increment(this.#acted.all, actedIn);
      if (complete) this.#acted.answered = increment(this.#acted.answered, actedIn);
    }
    if (complete) {
      group.requests++;
      this.#second.requests = increment(this.#second.requests, second);
      this.#lastResponseUs = Math.max(this.#lastResponseUs, second * 1e6 + latencyUs);
    } else this.#censor(latencyUs);
    if (failed) {
      group.failures++;
      this.#second.failures = increment(this.#second.failures, second);
      this.#failureLatency[latencyBucket]!++;
    }
    if (connection < countedConnections) {
      if (complete) this.#connection.requests = increment(this.#connection.requests, connection);
      if (failed) this.#connection.failures = increment(this.#connection.failures, connection);
    }
  }

  /** All of it, on buffers of its own that may be transferred. The recorder must not be used again. */
  take(): CoarseSamples {
    return {
      count: this.#count,
      groups: [...this.#groups.values()],
      blocked: this.#blocked,
      lag: this.#lag,
      failureLatency: this.#failureLatency,
      outcomes: this.#outcomes,
      connection: this.#connection,
      second: this.#second,
      acted: this.#acted,
      censored: this.#censored,
      lastResponseUs: this.#lastResponseUs,
    };
  }

  #groupOf(connection: number): Mutable<CoarseGroup> {
    const own = connection < ownGroups;
    const worker = own ? -1 : this.#workerOf(connection);
    // Negative keys are workers, those of connections are not, and the last of all is nobody's.
    const key = own ? connection : worker >= 0 ? -1 - worker : noConnection;
    return this.#groups.get(key) ?? this.#begin(key, connection);
  }

  #begin(key: number, connection: number): Mutable<CoarseGroup> {
    if (key < 0 && this.#workers === workerGroups)
      return this.#groups.get(noConnection) ?? this.#begin(noConnection, noConnection);
    if (key < 0) this.#workers++;
    const group = createGroup(key === noConnection ? key : connection, key >= 0 && key < ownGroups);
    this.#groups.set(key, group);
    return group;
  }

  #censor(ageUs: number): void {
    const censored = this.#censored;
    censored.youngestUs = censored.count === 0 ? ageUs : Math.min(censored.youngestUs, ageUs);
    censored.oldestUs = Math.max(censored.oldestUs, ageUs);
    censored.count++;
  }
}

/** Adds one at `key`; the column returned is a larger one where that lay beyond its end. */
function increment(column: Column, key: number): Column {
  const roomy =
    key < column.length ? column : enlarge(column, new Uint32Array(2 ** Math.ceil(Math.log2(key + 2))));
  roomy[key]!++;
  return roomy;
}

const createHistogram = (): Column => new Uint32Array(bucketCount);
const createColumn = (): Column => new Uint32Array(256);
const createCounts = () => ({ requests: createColumn(), failures: createColumn() });

function createGroup(connection: number, own: boolean): Mutable<CoarseGroup> {
  return {
    connection,
    own,
    requests: 0,
    failures: 0,
    latency: createHistogram(),
    latencyWithoutLag: createHistogram(),
    serviceTime: createHistogram(),
  };
}
