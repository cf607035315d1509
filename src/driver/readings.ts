/** The driver thread's side of the readings that it lends to a sender: which connections the sender's epolls watch. */

import { writeSync } from "node:fs";
import { monotonicUs } from "../clock.ts";
import { Collector } from "./collector.ts";
import type { Collecting } from "./collector.ts";
import { createDeliveries, takeDeliveries } from "./deliveries.ts";
import { openEchoSocket } from "./echo-socket.ts";
import { createLentReading, forgetReading, lendReading, takeBackReading } from "./lent-reading.ts";
import { epollEvent, linux, loadLibc } from "./libc.ts";
import type { Libc } from "./libc.ts";

/** Longer ones fill the buffers of a connection that nobody reads from, and their server has to wait. */
const longestResponse = 1 << 14;

/** The kernel begins to stamp a while after it was asked to. */
const trials = 20;
/** Between writing and reading, in a trial; and how far from the writing the stamp may be. */
const trialUs = 1000;
const plausibleUs = 500;

export interface ReadingsOptions {
  readonly slots: number;
  readonly everyUs: number;
  /** A socket on which the kernel stamps, which is closed with them: as long as there is one, it stamps at once. */
  readonly echo: number;
}

export class Readings implements Disposable {
  readonly collecting: Collecting;
  /** A response was too long to be left lying, or had no time, or the load ends: no reading is lent any more. */
  over = false;
  readonly #libc: Libc;
  readonly #echo: number;
  readonly #event = new Int32Array(epollEvent.words);
  readonly #eventAt: bigint;
  readonly #on = Int32Array.of(1);
  readonly #onAt: bigint;

  constructor(libc: Libc, { slots, everyUs, echo }: ReadingsOptions) {
    this.#libc = libc;
    this.#echo = echo;
    this.#eventAt = libc.addressOf(this.#event.buffer);
    this.#onAt = libc.addressOf(this.#on.buffer);
    this.collecting = {
      arrivals: libc.epoll_create1(linux.EPOLL_CLOEXEC),
      endings: libc.epoll_create1(linux.EPOLL_CLOEXEC),
      reading: createLentReading(slots),
      deliveries: createDeliveries(),
      everyUs,
    };
  }

  /** The sender may read what comes from `descriptor`, which nobody else reads any more; false where it cannot. */
  lend(slot: number, descriptor: number): boolean {
    const { setsockopt } = this.#libc;
    const { arrivals, endings, reading } = this.collecting;
    const { EPOLLIN, EPOLLRDHUP, EPOLLET } = linux;
    if (this.over) return false;
    if (setsockopt(descriptor, linux.SOL_SOCKET, linux.SO_TIMESTAMPNS, this.#onAt, 4) !== 0) return false;
    lendReading(reading, slot, descriptor);
    const lent =
      this.#watch(arrivals, slot, EPOLLIN | EPOLLRDHUP) && this.#watch(endings, slot, EPOLLRDHUP | EPOLLET);
    if (!lent) this.takeBack(slot);
    return lent;
  }

  /** Of a slot whose reading was lent, given back by the sender or not. */
  takeBack(slot: number): void {
    const { arrivals, endings, reading } = this.collecting;
    takeBackReading(reading, slot);
    for (const epoll of [arrivals, endings])
      this.#libc.epoll_ctl(epoll, linux.EPOLL_CTL_DEL, reading.descriptor[slot]!, 0n);
  }

  #watch(epoll: number, slot: number, events: number): boolean {
    this.#event[epollEvent.events] = events;
    this.#event[epollEvent.data] = slot;
    const descriptor = this.collecting.reading.descriptor[slot]!;
    return this.#libc.epoll_ctl(epoll, linux.EPOLL_CTL_ADD, descriptor, this.#eventAt) === 0;
  }

  /** The connection of this slot is closed: nobody wants any more what was read from it. */
  forget(slot: number): void {
    forgetReading(this.collecting.reading, slot);
  }

  /** Whether what was read under that lending belongs to the connection that the slot has now. */
  isOf(slot: number, lending: number): boolean {
    return this.collecting.reading.lending[slot] === lending;
  }

  /** Told how long each response is. */
  seen(octets: number): void {
    if (octets > longestResponse) this.over = true;
  }

  [Symbol.dispose](): void {
    for (const descriptor of [this.collecting.arrivals, this.collecting.endings, this.#echo])
      if (descriptor >= 0) this.#libc.close(descriptor);
  }
}

/** `null` where a sender cannot read for others, or the kernel tells no times. */
export function openReadings(slots: number, everyUs: number, libc = loadLibc()): Readings | null {
  if (libc === null) return null;
  const echo = openEchoSocket(libc);
  if (echo >= 0 && canBeCollected(libc, echo)) return new Readings(libc, { slots, everyUs, echo });
  libc.close(echo);
  return null;
}

/** Tries on a connection to itself whether a sender could rest, and would be told times. */
function canBeCollected(libc: Libc, echo: number): boolean {
  using readings = new Readings(libc, { slots: 1, everyUs: 0, echo: -1 });
  if (!readings.lend(0, echo)) return false;
  const collector = new Collector(libc, readings.collecting);
  for (let trial = 0; trial < trials; trial++) {
    const beforeUs = monotonicUs();
    writeSync(echo, "?");
    const afterUs = monotonicUs();
    collector.rest(trialUs);
    // Before Linux 5.11 it cannot, and would not sleep at all.
    if (monotonicUs() < afterUs + trialUs) return false;
    collector.collect();
    let stamped = false;
    takeDeliveries(readings.collecting.deliveries, (_slot, _lending, _start, _count, receivedUs) => {
      stamped = receivedUs > beforeUs - plausibleUs && receivedUs < afterUs + plausibleUs;
    });
    if (stamped) return true;
  }
  return false;
}
