/**
 * The few calls of the C library that Node has no function for: a thread's own epoll, and receiving with the kernel's time
 * stamps. By node:ffi, which is experimental and came with Node 26.1: whoever asks must do without as well.
 */

import { endianness } from "node:os";

const definitions = {
  epoll_create1: { arguments: ["i32"], return: "i32" },
  epoll_ctl: { arguments: ["i32", "i32", "i32", "pointer"], return: "i32" },
  epoll_wait: { arguments: ["i32", "pointer", "i32", "i32"], return: "i32" },
  // Since glibc 2.35 and Linux 5.11.
  epoll_pwait2: { arguments: ["i32", "pointer", "i32", "pointer", "pointer"], return: "i32" },
  setsockopt: { arguments: ["i32", "i32", "i32", "pointer", "u32"], return: "i32" },
  // A ssize_t, of which no more than an int is asked for: as 64 bits every result would be an object.
  recvmsg: { arguments: ["i32", "pointer", "i32"], return: "i32" },
  clock_gettime: { arguments: ["i32", "pointer"], return: "i32" },
  socket: { arguments: ["i32", "i32", "i32"], return: "i32" },
  bind: { arguments: ["i32", "pointer", "u32"], return: "i32" },
  connect: { arguments: ["i32", "pointer", "u32"], return: "i32" },
  getsockname: { arguments: ["i32", "pointer", "pointer"], return: "i32" },
  // Of what was opened here: Node's own warns of descriptors that it does not know.
  close: { arguments: ["i32"], return: "i32" },
} as const;

/** The calls return −1 where they fail; what they are pointed to must outlive them. */
export interface Libc {
  readonly epoll_create1: (flags: number) => number;
  readonly epoll_ctl: (epoll: number, operation: number, descriptor: number, event: bigint) => number;
  readonly epoll_wait: (epoll: number, events: bigint, most: number, timeoutMs: number) => number;
  readonly epoll_pwait2: (
    epoll: number,
    events: bigint,
    most: number,
    timeout: bigint,
    signals: bigint,
  ) => number;
  readonly setsockopt: (
    descriptor: number,
    level: number,
    name: number,
    value: bigint,
    length: number,
  ) => number;
  readonly recvmsg: (descriptor: number, message: bigint, flags: number) => number;
  readonly clock_gettime: (clock: number, time: bigint) => number;
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (descriptor: number, address: bigint, length: number) => number;
  readonly connect: (descriptor: number, address: bigint, length: number) => number;
  readonly getsockname: (descriptor: number, address: bigint, length: bigint) => number;
  readonly close: (descriptor: number) => number;
  /** Where in memory this begins. */
  readonly addressOf: (memory: ArrayBufferLike) => bigint;
}

/** `null` on other systems than 64-bit Linux on x86 and ARM, and where Node has no FFI or may not use it. */
export function loadLibc(): Libc | null {
  const { platform, arch } = process;
  if (platform !== "linux" || (arch !== "x64" && arch !== "arm64") || endianness() !== "LE") return null;
  try {
    const ffi = quietly(() => process.getBuiltinModule("node:ffi"));
    const { functions } = ffi.dlopen(null, definitions);
    return { ...functions, addressOf: (memory) => ffi.getRawPointer(memory as ArrayBuffer) };
  } catch {
    return null;
  }
}

/** Without the warning that this is experimental: whoever runs a load can do nothing about it, and we can do without. */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Linux's numbers, the same on both architectures. */
export const linux = {
  EPOLL_CLOEXEC: 0o2000000,
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLLIN: 0x1,
  EPOLLERR: 0x8,
  EPOLLHUP: 0x10,
  EPOLLRDHUP: 0x2000,
  EPOLLET: 1 << 31,
  SOL_SOCKET: 1,
  SO_TIMESTAMPNS: 35,
  MSG_DONTWAIT: 0x40,
  CLOCK_REALTIME: 0,
  AF_INET: 2,
  SOCK_STREAM: 1,
  IPPROTO_TCP: 6,
  TCP_NODELAY: 1,
  SOCK_CLOEXEC: 0o2000000,
} as const;

/** `struct epoll_event` in 32-bit words; x86 packs it. */
export const epollEvent =
  process.arch === "x64" ? { words: 3, events: 0, data: 1 } : { words: 4, events: 0, data: 2 };
