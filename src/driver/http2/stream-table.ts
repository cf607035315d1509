/**
 * The streams of all connections of a thread, in columns by request number, and which request a stream's number means.
 * Hot path: typed arrays; a ring per connection, whose place is given by the stream's number.
 */

const none = -1;

export class StreamTable {
  /** Number of the stream of a request in flight; 0 = none. */
  readonly id: Int32Array;
  /** 0 before the final response's header. */
  readonly status: Int16Array;
  /** Octets of content that are still to come, from the response's header on; Infinity = any number. */
  readonly contentLeft: Float64Array;
  /** Octets received since the stream's window was last enlarged. */
  readonly received: Float64Array;
  /** Octets of the body that may be sent; the server can make it negative (RFC 9113 §6.9.2). */
  readonly window: Float64Array;
  /** Octets of the body that are not sent yet. */
  readonly unsent: Float64Array;
  /** Requests in flight of each connection, at most. */
  readonly perConnection: number;
  readonly #ring: Int32Array;
  readonly #ringSize: number;

  /** For `slots` connections of at most `streams` requests in flight. */
  constructor(slots: number, streams: number) {
    const requests = slots * streams;
    this.perConnection = streams;
    this.id = new Int32Array(requests);
    this.status = new Int16Array(requests);
    this.contentLeft = new Float64Array(requests);
    this.received = new Float64Array(requests);
    this.window = new Float64Array(requests);
    this.unsent = new Float64Array(requests);
    this.#ringSize = 2 ** Math.ceil(Math.log2(streams * 2));
    this.#ring = new Int32Array(slots * this.#ringSize).fill(none);
  }

  /** Stream numbers that `begin` may pass over, at most. */
  get mostSkipped(): number {
    return this.#ringSize * 2;
  }

  /**
   * Gives a request its stream, `nextId` or a later one where that one's place in the ring is held by a stream that
   * lasts: numbers may be left out (RFC 9113 §5.1.1).
   */
  begin(slot: number, request: number, nextId: number): number {
    const base = slot * this.#ringSize;
    const mask = this.#ringSize - 1;
    let id = nextId;
    while (this.#ring[base + ((id >>> 1) & mask)] !== none) id += 2;
    this.#ring[base + ((id >>> 1) & mask)] = request;
    this.id[request] = id;
    this.status[request] = 0;
    this.received[request] = 0;
    return id;
  }

  end(slot: number, request: number): void {
    this.#ring[slot * this.#ringSize + ((this.id[request]! >>> 1) & (this.#ringSize - 1))] = none;
    this.id[request] = 0;
    this.unsent[request] = 0;
  }

  /** The requests of a connection whose streams have a larger number. */
  above(slot: number, id: number): number[] {
    const requests: number[] = [];
    const first = slot * this.perConnection;
    for (let request = first; request < first + this.perConnection; request++)
      if (this.id[request]! > id) requests.push(request);
    return requests;
  }

  /** The request of a stream in flight, −1 for any other number. */
  find(slot: number, id: number): number {
    const request = this.#ring[slot * this.#ringSize + ((id >>> 1) & (this.#ringSize - 1))]!;
    return request !== none && this.id[request] === id ? request : none;
  }
}
