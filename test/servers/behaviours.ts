/** Servers that do right, late, or one thing wrong. Each is given to `startServer`. */

import { setTimeout as delay } from "node:timers/promises";
import type { Socket } from "node:net";
import { monotonicUs } from "../../src/clock.ts";
import type { Behaviour } from "./start-server.ts";

/** A whole, ordinary response with that body. */
export const okResponse = (body = "ok"): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/** Writes the same bytes for every request. */
export const answers = (response: string): Behaviour => ({
  onRequest: (socket) => void socket.write(response, "latin1"),
});

/** Writes those bytes for every request, and closes after them where told to. */
export const answersAndMayClose = (response: string, closes: boolean): Behaviour => ({
  onRequest: (socket) => void (closes ? socket.end(response, "latin1") : socket.write(response, "latin1")),
});

/** Does as it should; honours `connection: close`. */
export const answersOk = (body = "ok"): Behaviour => ({
  onRequest: (socket, { head }) => {
    socket.write(okResponse(body));
    if (/\r\nconnection: close/i.test(head)) socket.end();
  },
});

export const neverAnswers: Behaviour = {};

/** Half of a response, then silence. */
export const answersHalf: Behaviour = answers(okResponse("0123456789").slice(0, -5));

export const answersHalfTheHeader: Behaviour = answers("HTTP/1.1 200 OK\r\ncontent-le");

export const resetsOnConnection: Behaviour = { onConnection: (socket) => socket.resetAndDestroy() };

export const resetsOnRequest: Behaviour = { onRequest: (socket) => socket.resetAndDestroy() };

export const resetsMidHeader: Behaviour = resetsAfter("HTTP/1.1 200 OK\r\ncontent-le");

export const resetsMidBody: Behaviour = resetsAfter("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234");

export const closesMidBody: Behaviour = {
  onRequest: (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234"),
};

export const closesWithoutAnswer: Behaviour = { onRequest: (socket) => void socket.end() };

/** Answers and closes, without having said so. */
export const closesBetweenRequests: Behaviour = { onRequest: (socket) => void socket.end(okResponse()) };

/** The body ends with the connection. */
export const closeDelimited: Behaviour = {
  onRequest: (socket) => void socket.end("HTTP/1.1 200 OK\r\n\r\nuntil the end"),
};

/** Answers before it is asked. */
export const unaskedOnConnection: Behaviour = {
  onConnection: (socket) => void socket.write(okResponse()),
  onRequest: (socket) => void socket.write(okResponse()),
};

/** Two responses for each request. */
export const unaskedAfterResponse: Behaviour = answers(okResponse() + okResponse());

/** A second response, `afterMs` later. */
export const unaskedLater = (afterMs: number): Behaviour => ({
  onRequest: (socket) => {
    socket.write(okResponse());
    void later(socket, afterMs, okResponse());
  },
});

/** Says less than it sends. */
export const contentLengthTooShort: Behaviour = answers(
  "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n0123456789",
);

/** Says more than it sends, and waits. */
export const contentLengthTooLong: Behaviour = answers(
  "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n0123456789",
);

export const contentLengthNegative: Behaviour = answers("HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n01234");

export const contentLengthTwice: Behaviour = answers(
  "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n012345",
);

/** 2⁶⁴. */
export const chunkSizeTooLarge: Behaviour = answers(
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10000000000000000\r\n0123456789",
);

/** A field of 1 MB. */
export const hugeHeader: Behaviour = answers(
  `HTTP/1.1 200 OK\r\nx-padding: ${"p".repeat(1 << 20)}\r\ncontent-length: 2\r\n\r\nok`,
);

/** Lines that end in LF alone. */
export const lineFeedOnly: Behaviour = answers("HTTP/1.1 200 OK\ncontent-length: 2\n\nok");

/** A body and nothing else. */
export const http09: Behaviour = {
  onRequest: (socket) => void socket.end("<html>no status line here</html>\n"),
};

export const garbage: Behaviour = answers("\u0015\u0003\u0001\u0000\u0002\u0002\u0016");

/** `100 Continue` without end. */
export const endlessInterim: Behaviour = {
  onRequest: (socket) => {
    // More than the socket buffers, so that each write waits for the client to read.
    const many = "HTTP/1.1 100 Continue\r\n\r\n".repeat(4000);
    const more = (): void => {
      while (socket.writable && socket.write(many));
    };
    socket.on("drain", more);
    more();
  },
};

/** Chunks of a body that has no end. */
export const endlessBody: Behaviour = {
  onRequest: (socket) => {
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    const more = (): void => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on("drain", more);
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    more();
  },
};

/** One byte of the response every `everyMs`. */
export const dribbles = (everyMs: number): Behaviour => ({
  onRequest: async (socket) => {
    for (const byte of okResponse()) {
      await delay(everyMs);
      if (socket.writable) socket.write(byte);
    }
  },
});

/** Answers `delayUs` after the request, to some ten microseconds: a timer for the most of it, then it spins. */
export const knownDelay = (delayUs: number): Behaviour => {
  const due: { readonly socket: Socket; readonly atUs: number }[] = [];
  const spin = (): void => {
    while (due.length > 0 && due[0]!.atUs <= monotonicUs()) {
      const { socket } = due.shift()!;
      if (socket.writable) socket.write(okResponse());
    }
    const first = due[0];
    if (first === undefined) return;
    const leftMs = (first.atUs - monotonicUs()) / 1e3;
    if (leftMs > 2) setTimeout(spin, leftMs - 2);
    else setImmediate(spin);
  };
  return {
    onRequest: (socket) => {
      due.push({ socket, atUs: monotonicUs() + delayUs });
      if (due.length === 1) spin();
    },
  };
};

/** Answers at once, but from `fromMs` to `fromMs + forMs` after the first request not at all: then what it owes. */
export const stalls = ({ fromMs, forMs }: { fromMs: number; forMs: number }): Behaviour => {
  let firstUs = 0;
  return {
    onRequest: (socket) => {
      const nowUs = monotonicUs();
      firstUs ||= nowUs;
      const sinceMs = (nowUs - firstUs) / 1e3;
      if (sinceMs < fromMs || sinceMs >= fromMs + forMs) socket.write(okResponse());
      else void later(socket, fromMs + forMs - sinceMs, okResponse());
    },
  };
};

function resetsAfter(start: string): Behaviour {
  return {
    // The reset would overtake bytes still unsent: it waits until the kernel has them, and the peer had time to read.
    onRequest: (socket) => void socket.write(start, () => setTimeout(() => socket.resetAndDestroy(), 30)),
  };
}

async function later(socket: Socket, afterMs: number, response: string): Promise<void> {
  await delay(afterMs);
  if (socket.writable) socket.write(response);
}
