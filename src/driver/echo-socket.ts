/** A TCP connection of a socket to itself: what is written to it can be read from it, with the kernel's time stamp. */

import { linux } from "./libc.ts";
import type { Libc } from "./libc.ts";

/** `struct sockaddr_in` of a free port of 127.0.0.1. */
const anyPort = [linux.AF_INET, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];

/** Its descriptor, which the caller closes; −1 where this machine has no connection to itself. */
export function openEchoSocket({
  socket,
  setsockopt,
  bind,
  getsockname,
  connect,
  close,
  addressOf,
}: Libc): number {
  const { AF_INET, SOCK_STREAM, SOCK_CLOEXEC } = linux;
  const address = Uint8Array.from(anyPort);
  const length = Uint32Array.of(address.length);
  const on = Int32Array.of(1);
  const addressAt = addressOf(address.buffer);
  const descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // Connected to its own port it meets itself (RFC 9293 §3.5, simultaneous opening).
  const opened =
    descriptor >= 0 &&
    setsockopt(descriptor, linux.IPPROTO_TCP, linux.TCP_NODELAY, addressOf(on.buffer), 4) === 0 &&
    bind(descriptor, addressAt, address.length) === 0 &&
    getsockname(descriptor, addressAt, addressOf(length.buffer)) === 0 &&
    connect(descriptor, addressAt, address.length) === 0;
  if (opened) return descriptor;
  if (descriptor >= 0) close(descriptor);
  return -1;
}
