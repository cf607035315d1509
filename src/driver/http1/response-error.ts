/** How a response can break the protocol. Stable names: they are shown to the user and scripts may count them. */
export type ResponseError =
  | "bad-status-line"
  | "bad-status"
  | "bad-header-name"
  | "bad-header-value"
  | "bad-line-end"
  | "header-too-large"
  | "content-length-invalid"
  | "content-length-negative"
  | "content-length-too-large"
  | "content-length-twice"
  | "transfer-encoding-invalid"
  | "chunk-size"
  | "chunk-extension"
  | "chunk-end"
  | "unexpected-upgrade"
  | "unexpected-bytes";
