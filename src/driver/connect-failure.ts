/** A socket's error as a failure reason, and in words. */

import type { FailureReason } from "../result/load.ts";

/** How far a connection has come: TCP, then TLS where it is spoken. */
export type Phase = "connecting" | "handshake" | "open";

type SocketError = NodeJS.ErrnoException & { readonly reason?: string };

/** `phase` tells a connection that could not be opened from one that broke. */
export function connectFailure(error: SocketError, phase: Phase): FailureReason {
  if (phase === "handshake" || isTls(error)) return "tls";
  switch (error.code) {
    case "ECONNREFUSED":
      return "connect-refused";
    case "ETIMEDOUT":
      return phase === "open" ? "reset" : "connect-timeout";
    case "EADDRNOTAVAIL":
    case "EADDRINUSE":
      return "no-local-port";
    default:
      return phase === "open" ? "reset" : "connect-failed";
  }
}

/** Why nothing came of a request that waited as long as it may. */
export function timeoutOf(phase: Phase): { reason: FailureReason; message: string } {
  switch (phase) {
    case "connecting":
      return { reason: "connect-timeout", message: "the server did not accept in time" };
    case "handshake":
      return { reason: "tls", message: "the handshake took longer than -timeout" };
    case "open":
      return { reason: "timeout", message: "no response within -timeout" };
  }
}

// What the server has against our certificate it may say after the handshake (RFC 8446 §4.4.2.4); what we have against its
// own has the name of OpenSSL's reason (X509_V_ERR_…).
function isTls({ code = "" }: SocketError): boolean {
  return code === "EPROTO" || tlsErrors.test(code);
}

const tlsErrors =
  /^(ERR_SSL_|ERR_TLS_|CERT_|(DEPTH_ZERO_)?SELF_SIGNED_CERT|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_)/;

/** The system's words, without what differs from one connection to the next. */
export function failureMessage({ code, reason, message }: SocketError): string {
  if (reason !== undefined && code?.startsWith("ERR_SSL_")) return reason;
  // OpenSSL: "error:0A000412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate:…"
  const openssl = /error:[0-9A-F]{8}:[^:]*:[^:]*:([^:]*):/.exec(message)?.[1];
  // Node's advice is for those who start it themselves.
  return openssl ?? message.replace(/; if the root CA is installed locally.*/, "");
}
