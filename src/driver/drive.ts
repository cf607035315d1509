/** From the first intended start to the end of the drain: turns the source, and knows when nothing is left to wait for. */

import type { Connections } from "./connections.ts";
import type { Source } from "./source.ts";

export interface DriveOptions {
  readonly source: Source;
  readonly connections: Connections;
  /** How long unfinished requests are waited for once the schedule is over. */
  readonly drainUs: number;
  /** Between the turns that come without any reading; small where no metronome wakes us. */
  readonly turnMs: number;
  readonly onEnd: () => void;
}

export class Drive {
  readonly #options: DriveOptions;
  readonly #turns: NodeJS.Timeout;
  #drain: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(options: DriveOptions) {
    const { source, connections } = options;
    this.#options = options;
    connections.turn = {
      readDone: () => this.turn(),
      freed: (slot, nowUs) => source.freed(slot, nowUs),
    };
    this.#turns = setInterval(() => this.turn(), options.turnMs);
  }

  /** Starts what is due; ends the drive when all is done. */
  turn(): void {
    const { source, connections, drainUs } = this.#options;
    source.tick();
    if (this.#ended || !source.over) return;
    if (connections.unfinished === 0) this.#end();
    // A millisecond more: where the drain is as long as a timeout, the last request times out first.
    else this.#drain ??= setTimeout(() => this.#giveUp(), Math.ceil(drainUs / 1e3) + 1);
  }

  /** Nothing more is started, of what is due neither; what is in flight may still end. */
  stop(): void {
    this.#options.source.stop();
    this.#options.connections.giveUpWaiting();
    this.turn();
  }

  #giveUp(): void {
    this.#options.connections.giveUp();
    this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#turns);
    if (this.#drain !== null) clearTimeout(this.#drain);
    this.#options.onEnd();
  }
}
