/** What undici, node:http2 and the system call a failure, as one of ours. */

import type { FailureReason } from "../../result/load.ts";
import { connectFailure } from "../connect-failure.ts";
import type { Link } from "./link.ts";

type Coded = Error & { readonly code?: unknown; readonly http2ErrorCode?: unknown };

/** RFC 9113 §7. */
const refusedStream = 7;

/** `link` is the connection that the request was written to, or the one that could not be opened for it. */
export function failureOf(error: Coded, link: Link | null): FailureReason {
  const code = String(error.code ?? "");
  if (link === null || link.phase !== "open")
    return connectFailure(error as NodeJS.ErrnoException, link?.phase ?? "connecting");
  if (error.http2ErrorCode === refusedStream) return "refused-stream";
  if (error.message.includes('"GOAWAY"')) return "goaway";
  // Its code is mostly missing.
  if (error.name === "HTTPParserError") return "protocol";
  switch (code) {
    case "UND_ERR_REDIRECT_MAX":
      return "too-many-redirects";
    case "UND_ERR_INVALID_ARG":
      return error.message.startsWith("Redirect loop") ? "too-many-redirects" : "protocol";
    case "UND_ERR_SOCKET":
      return error.message.startsWith("bad ") ? "protocol" : "closed-early";
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
      return link.ended ? "closed-early" : "protocol";
    case "ERR_HTTP2_STREAM_ERROR":
      return "reset";
    case "UND_ERR_INFO":
      return "closed-early";
    default:
      return protocolErrors.test(code) ? "protocol" : connectFailure(error as NodeJS.ErrnoException, "open");
  }
}

/** The limit of a header, nghttp2's of a connection, zlib's. */
const protocolErrors =
  /^(UND_ERR_HEADERS_OVERFLOW|ERR_HTTP2_|Z_|ERR_BROTLI|ERR__ERROR_FORMAT|ZSTD_|ERR_INVALID_URL$)/;
