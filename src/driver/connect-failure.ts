/** A socket's error as a failure reason. */

import type { FailureReason } from "../result/load.ts";

/** `connected` tells a connection that could not be opened from one that broke. */
export function connectFailure(error: NodeJS.ErrnoException, connected: boolean): FailureReason {
  switch (error.code) {
    case "ECONNREFUSED":
      return "connect-refused";
    case "ETIMEDOUT":
      return connected ? "reset" : "connect-timeout";
    case "EADDRNOTAVAIL":
    case "EADDRINUSE":
      return "no-local-port";
    default:
      return connected ? "reset" : "connect-failed";
  }
}
