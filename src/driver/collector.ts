/**
 * Reads the responses of connections whose reading was lent, when its thread is awake anyway: nobody is woken for them, for
 * the kernel has noted when it received them (SO_TIMESTAMPNS).
 * Hot path: no allocation.
 */

import { monotonicUs } from "../clock.ts";
import { cellOctets, deliver, nextCell } from "./deliveries.ts";
import type { Deliveries } from "./deliveries.ts";
import { beginReading, endReading, giveBackReading } from "./lent-reading.ts";
import type { LentReading } from "./lent-reading.ts";
import { epollEvent, linux } from "./libc.ts";
import type { Libc } from "./libc.ts";

/** Where readings are lent and what is read goes: all of it is shared between the threads. */
export interface Collecting {
  /** Descriptor of an epoll that watches the connections for all that comes; its events carry their slots. */
  readonly arrivals: number;
  /** And of one that watches them for their end alone: responses wake nobody. */
  readonly endings: number;
  readonly reading: LentReading;
  readonly deliveries: Deliveries;
  /** How long what comes is left lying: to read much at once is cheaper. */
  readonly everyUs: number;
}

const mostEvents = 256;

/** A reading of both clocks that took longer was interrupted. */
const undisturbedUs = 5;

/** Nothing lies unread for longer: such a stamp is of a time of day that has been set since. */
const plausibleUs = 1e6;

/** Words of a `struct msghdr`. */
const header = { iov: 4, iovCount: 6, control: 8, controlLength: 10, words: 14 };
/** Words of a `struct cmsghdr` with a `struct timespec`. */
const stamp = { level: 2, type: 3, seconds: 4, nanoseconds: 6, words: 8 };

export class Collector {
  readonly everyUs: number;
  readonly #libc: Libc;
  readonly #collecting: Collecting;
  readonly #events = new Int32Array(mostEvents * epollEvent.words);
  readonly #message = new Uint32Array(header.words);
  readonly #vector = new Uint32Array(4);
  readonly #control = new Int32Array(stamp.words);
  readonly #time = new Int32Array(4);
  /** A `struct timespec`, as is `#time`. */
  readonly #timeout = new Int32Array(4);
  readonly #timeoutAt: bigint;
  readonly #eventsAt: bigint;
  readonly #messageAt: bigint;
  readonly #timeAt: bigint;
  readonly #octetsAt: number;
  /** Microseconds since 1970 that are 0 on our clock. */
  #epochUs = 0;

  constructor(libc: Libc, collecting: Collecting) {
    this.#libc = libc;
    this.#collecting = collecting;
    this.everyUs = collecting.everyUs;
    this.#timeoutAt = libc.addressOf(this.#timeout.buffer);
    this.#eventsAt = libc.addressOf(this.#events.buffer);
    this.#messageAt = libc.addressOf(this.#message.buffer);
    this.#timeAt = libc.addressOf(this.#time.buffer);
    this.#octetsAt = Number(libc.addressOf(collecting.deliveries.octets.buffer));
    point(this.#message, header.iov, Number(libc.addressOf(this.#vector.buffer)));
    this.#message[header.iovCount] = 1;
    point(this.#message, header.control, Number(libc.addressOf(this.#control.buffer)));
    this.#vector[2] = cellOctets;
  }

  /** Delivers what has come, after waiting for it up to `timeoutMs`; false where there was nothing, or no room. */
  collect(timeoutMs = 0): boolean {
    const { arrivals } = this.#collecting;
    return this.#take(this.#libc.epoll_wait(arrivals, this.#eventsAt, mostEvents, timeoutMs));
  }

  /**
   * Sleeps for so long. Connections that end meanwhile are delivered at once, or requests would be written to them: true
   * where there were some, and then the sleep is over.
   */
  rest(us: number): boolean {
    this.#timeout[0] = us / 1e6;
    this.#timeout[2] = (us % 1e6) * 1e3;
    const { endings } = this.#collecting;
    return this.#take(this.#libc.epoll_pwait2(endings, this.#eventsAt, mostEvents, this.#timeoutAt, 0n));
  }

  #take(events: number): boolean {
    if (events <= 0) return false;
    this.#compareClocks();
    let delivered = false;
    for (let event = 0; event < events; event++) {
      const at = event * epollEvent.words;
      const slot = this.#events[at + epollEvent.data]!;
      if (this.#collectFrom(slot, this.#events[at + epollEvent.events]!)) delivered = true;
    }
    return delivered;
  }

  #collectFrom(slot: number, happened: number): boolean {
    const { reading, deliveries } = this.#collecting;
    let cell = nextCell(deliveries);
    if (cell < 0 || !beginReading(reading, slot)) return false;
    // What failed is left to the driver with all that is there: reading would take the reason away.
    const failed = (happened & (linux.EPOLLERR | linux.EPOLLHUP)) !== 0;
    // Where the end is there too, it shall be known at once.
    const least = (happened & linux.EPOLLRDHUP) === 0 ? cellOctets : 1;
    let count = failed ? 0 : this.#receive(reading.descriptor[slot]!, cell);
    const delivered = count >= 0;
    while (count >= 0) {
      deliver(deliveries, slot, reading.lending[slot]!, count, this.#receivedUs());
      if (count === 0) {
        giveBackReading(reading, slot);
        return true;
      }
      cell = nextCell(deliveries);
      if (count < least || cell < 0) break;
      count = this.#receive(reading.descriptor[slot]!, cell);
    }
    endReading(reading, slot);
    return delivered;
  }

  #receive(descriptor: number, cell: number): number {
    point(this.#vector, 0, this.#octetsAt + cell * cellOctets);
    this.#message[header.controlLength] = stamp.words * 4;
    this.#control[stamp.level] = 0;
    return this.#libc.recvmsg(descriptor, this.#messageAt, linux.MSG_DONTWAIT);
  }

  /** When the octets of the last reading came; NaN where the kernel does not tell. */
  #receivedUs(): number {
    const control = this.#control;
    if (control[stamp.level] !== linux.SOL_SOCKET || control[stamp.type] !== linux.SO_TIMESTAMPNS) return NaN;
    const nowUs = monotonicUs();
    const receivedUs = epochUs(control, stamp.seconds, stamp.nanoseconds) - this.#epochUs;
    return receivedUs > nowUs - plausibleUs && receivedUs < nowUs + plausibleUs
      ? Math.min(receivedUs, nowUs)
      : NaN;
  }

  /** The kernel stamps by the time of day, which may be set; our clock is CLOCK_MONOTONIC. */
  #compareClocks(): void {
    let shortestUs = Infinity;
    for (let tries = 0; tries < 3 && shortestUs > undisturbedUs; tries++) {
      const beforeUs = monotonicUs();
      this.#libc.clock_gettime(linux.CLOCK_REALTIME, this.#timeAt);
      const tookUs = monotonicUs() - beforeUs;
      if (tookUs >= shortestUs) continue;
      shortestUs = tookUs;
      this.#epochUs = epochUs(this.#time, 0, 2) - beforeUs - tookUs / 2;
    }
  }
}

/** Writes an address into two words. */
function point(words: Uint32Array, at: number, address: number): void {
  words[at] = address % 2 ** 32;
  words[at + 1] = address / 2 ** 32;
}

/** Reads a `struct timespec`, whose seconds need 64 bits. */
function epochUs(words: Int32Array, seconds: number, nanoseconds: number): number {
  return ((words[seconds]! >>> 0) + words[seconds + 1]! * 2 ** 32) * 1e6 + words[nanoseconds]! / 1e3;
}
