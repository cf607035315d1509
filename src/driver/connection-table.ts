/** Every TCP connection a thread opened, in columns. Hot path where connections are short-lived: rows grow by doubling. */

import type { LoadConnection } from "../result/load.ts";

/** Which thread's table it is, of how many. */
interface TablePlace {
  readonly thread: number;
  readonly threads: number;
  readonly slotOf: (local: number) => number;
}

/** What a server says of itself could be another thing each time. */
const mostReasons = 32;

export class ConnectionTable {
  count = 0;
  #slot = new Int32Array(256);
  #localPort = new Uint16Array(256);
  #openedAtUs = new Float64Array(256);
  #closedAtUs = new Float64Array(256);
  #connectTimeUs = new Float64Array(256);
  #tlsTimeUs = new Float64Array(256);
  #resumed = new Uint8Array(256);
  #worker = new Int32Array(256);
  readonly #localAddress: string[] = [];
  #address = new Uint16Array(256);
  #retired = new Uint8Array(256);
  readonly #addresses: readonly string[];
  readonly #tlsFailures = new Map<string, number>();

  /** `addresses` are those that connections go to. */
  constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
  }

  /** A new row for an attempt to connect to the address at that position, which begins at `nowUs`. */
  begin(slot: number, address: number, nowUs: number): number {
    if (this.count === this.#slot.length) this.#grow();
    const row = this.count++;
    this.#slot[row] = slot;
    this.#address[row] = address;
    this.#openedAtUs[row] = nowUs;
    this.#closedAtUs[row] = NaN;
    this.#connectTimeUs[row] = NaN;
    this.#tlsTimeUs[row] = NaN;
    this.#worker[row] = -1;
    return row;
  }

  connected(row: number, nowUs: number): void {
    this.#connectTimeUs[row] = nowUs - this.#openedAtUs[row]!;
  }

  /** The handshake is done; `resumed` where it went on with an earlier session. */
  secured(row: number, nowUs: number, resumed: boolean): void {
    this.#tlsTimeUs[row] = nowUs - this.#openedAtUs[row]! - this.#connectTimeUs[row]!;
    this.#resumed[row] = resumed ? 1 : 0;
  }

  /** It has served the requests that were drawn for it. */
  retired(row: number): void {
    this.#retired[row] = 1;
  }

  /** Who we are to the server: what the mapping by epoll looks for. */
  named(row: number, localAddress: string, localPort: number): void {
    this.#localAddress[row] = localAddress;
    this.#localPort[row] = localPort;
  }

  answeredBy(row: number, worker: number): void {
    this.#worker[row] = worker;
  }

  /** The worker that `answeredBy` named; −1 where none did, or there is no such row. */
  workerOf(row: number): number {
    return this.#worker[row] ?? -1;
  }

  /** A handshake failed, before the load or in it. */
  handshakeFailed(why: string): void {
    const known = this.#tlsFailures.has(why) || this.#tlsFailures.size < mostReasons;
    const key = known ? why : "other reasons";
    this.#tlsFailures.set(key, (this.#tlsFailures.get(key) ?? 0) + 1);
  }

  /** Handshakes that failed, by the system's words. */
  get tlsFailures(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#tlsFailures);
  }

  closed(row: number, nowUs: number): void {
    if (Number.isNaN(this.#closedAtUs[row])) this.#closedAtUs[row] = nowUs;
  }

  /** All rows as plain values; ids interleave the threads' rows, so that they are unique and stable. */
  list(place: TablePlace): LoadConnection[] {
    return Array.from({ length: this.count }, (_, row) => this.at(row, place));
  }

  /** One row as a plain value. */
  at(row: number, { thread, threads, slotOf }: TablePlace): LoadConnection {
    return {
      id: row * threads + thread,
      slot: slotOf(this.#slot[row]!),
      thread,
      localPort: this.#localPort[row]!,
      localAddress: this.#localAddress[row] ?? "",
      remoteAddress: this.#addresses[this.#address[row]!]!,
      openedAtUs: this.#openedAtUs[row]!,
      closedAtUs: Number.isNaN(this.#closedAtUs[row]!) ? null : this.#closedAtUs[row]!,
      retired: this.#retired[row] === 1,
      connectTimeUs: Number.isNaN(this.#connectTimeUs[row]!) ? null : this.#connectTimeUs[row]!,
      tlsTimeUs: Number.isNaN(this.#tlsTimeUs[row]!) ? null : this.#tlsTimeUs[row]!,
      resumed: this.#resumed[row] === 1,
      headerWorker: this.#worker[row]! < 0 ? null : this.#worker[row]!,
    };
  }

  #grow(): void {
    const size = this.#slot.length * 2;
    this.#retired = enlarge(this.#retired, new Uint8Array(size));
    this.#address = enlarge(this.#address, new Uint16Array(size));
    this.#slot = enlarge(this.#slot, new Int32Array(size));
    this.#localPort = enlarge(this.#localPort, new Uint16Array(size));
    this.#openedAtUs = enlarge(this.#openedAtUs, new Float64Array(size));
    this.#closedAtUs = enlarge(this.#closedAtUs, new Float64Array(size));
    this.#connectTimeUs = enlarge(this.#connectTimeUs, new Float64Array(size));
    this.#tlsTimeUs = enlarge(this.#tlsTimeUs, new Float64Array(size));
    this.#resumed = enlarge(this.#resumed, new Uint8Array(size));
    this.#worker = enlarge(this.#worker, new Int32Array(size));
  }
}

/** Copies a full column to the front of a larger one. */
export function enlarge<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
