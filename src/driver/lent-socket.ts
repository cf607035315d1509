/** A socket whose descriptor another thread may be writing to. */

import { Socket } from "node:net";

/**
 * Calls `beforeClose` before its descriptor is closed, whoever closes it: on a reading error a socket destroys itself,
 * and tells its listeners only after that.
 */
export class LentSocket extends Socket {
  readonly #beforeClose: (socket: Socket) => void;

  constructor(options: ConstructorParameters<typeof Socket>[0], beforeClose: (socket: Socket) => void) {
    super(options);
    this.#beforeClose = beforeClose;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#beforeClose(this);
    super._destroy(error, callback);
  }

  /** The descriptor while connected; −1 where this platform shows none, and the driver thread writes everything itself. */
  get descriptor(): number {
    const { _handle: handle } = this as unknown as { readonly _handle?: { readonly fd?: number } | null };
    return handle?.fd ?? -1;
  }
}
