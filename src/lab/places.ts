/** What the lab needs to know of its surroundings, read by whoever owns the command line. */

export interface LabPlaces {
  /** `$ENVOY_BIN`. */
  readonly envoyBin: string | undefined;
  /** `$PATH`. */
  readonly path: string;
  /** Directory of our own that outlives the run: installed Envoys, and the labs' state and logs. */
  readonly cacheDir: string;
}

/** What every slow step of a start takes along. */
export interface LabContext {
  readonly places: LabPlaces;
  /** Told once per line what a person should know, without a newline. */
  readonly onNote: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}
