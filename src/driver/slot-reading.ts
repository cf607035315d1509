/** Who reads from the socket that a slot has at the moment: the socket by itself, or the sender, to which that was lent. */

import type { Socket } from "node:net";
import type { Readings } from "./readings.ts";

export class SlotReading {
  readonly #readings: Readings;
  readonly #slot: number;
  #lent = false;
  /** Of the present response. */
  #octets = 0;

  constructor(readings: Readings, slot: number) {
    this.#readings = readings;
    this.#slot = slot;
  }

  /** A response is to come. */
  expect(): void {
    this.#octets = 0;
  }

  /** So much more of it has come. What is long is not to be left lying. */
  received(octets: number): void {
    this.#octets += octets;
    this.#readings.seen(this.#octets);
  }

  /** The response has ended with its connection: of an end the kernel tells no time. */
  endedByClose(): void {
    this.#readings.over = true;
  }

  lend(socket: Socket, descriptor: number): void {
    if (this.#lent || this.#readings.over) return;
    socket.pause();
    this.#lent = this.#readings.lend(this.#slot, descriptor);
    if (!this.#lent) socket.resume();
  }

  takeBack(socket: Socket): void {
    if (!this.#lent) return;
    this.#lent = false;
    this.#readings.takeBack(this.#slot);
    socket.resume();
  }

  /** The socket is to be closed: nobody reads from it any more. */
  end(): void {
    if (this.#lent) this.#readings.takeBack(this.#slot);
    this.#lent = false;
    this.#readings.forget(this.#slot);
  }
}
