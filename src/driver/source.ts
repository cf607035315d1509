/** What decides when requests start: the pacer of a schedule, or the closed loop of `-qps 0`. */
export interface Source {
  /** Nothing more will be started. */
  readonly over: boolean;
  /** Starts all that is due. */
  tick(): void;
  /** A place in flight has become free and nothing waits for it. */
  freed(slot: number, nowUs: number): void;
  stop(): void;
}
