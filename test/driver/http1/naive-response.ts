/**
 * The oracle: RFC 9112 read from one whole text with regular expressions, as plainly as it can be said.
 * It shares nothing with the parser it judges.
 */

export interface NaiveOutcome {
  /** `incomplete`: as far as it goes it may still become a response. */
  readonly verdict: "complete" | "incomplete" | "invalid";
  readonly consumed: number;
  readonly status: number;
  readonly keepAlive: boolean;
  readonly bodyBytes: number;
  readonly worker: number;
}

interface Head {
  readonly minor: number;
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly end: number;
}

type Body = "invalid" | { readonly bytes: number; readonly end: number | null };

const headLimit = 65_536;
const startLine = /HTTP\/1\.(\d) ([1-5]\d\d)(?: [\t\x20-\xff]*)?\r?\n/y;
const fieldLine =
  /([!#$%&'*+\-.^_`|~0-9A-Za-z]+):((?:[\t\x20-\xff]*\r?\n[ \t])*[\t\x20-\xff]*)\r?\n(?![ \t])/y;
const emptyLine = /\r?\n/y;
const sizeLine = /([0-9a-fA-F]+)[ \t]*(?:;[\t\x20-\xff]*)?\r\n/y;

/** Reads the response that `text` (latin1) starts with. `closed`: the server closed after it. */
export function readNaively(
  text: string,
  { head, closed, workerHeader }: { head: boolean; closed: boolean; workerHeader: string },
): NaiveOutcome {
  const invalid: NaiveOutcome = {
    verdict: "invalid",
    consumed: 0,
    status: 0,
    keepAlive: false,
    bodyBytes: 0,
    worker: -1,
  };
  let worker = -1;
  for (let at = 0; ;) {
    const section = readHead(text, at);
    if (section === null || (section !== "incomplete" && section.end > headLimit)) return invalid;
    if (section === "incomplete")
      return text.length >= headLimit ? invalid : { ...invalid, verdict: "incomplete", worker };
    const { status, minor, fields } = section;
    if (worker < 0) worker = workerOf(fields, workerHeader);
    const lengths = listOf(fields, "content-length");
    const codings = listOf(fields, "transfer-encoding");
    if (!validFraming(fields, lengths, codings) || status === 101) return invalid;
    at = section.end;
    if (status < 200) continue;
    const hasCoding = fields.some(([name]) => name === "transfer-encoding");
    const options = listOf(fields, "connection");
    const kept =
      !options.includes("close") &&
      (minor > 0 || options.includes("keep-alive")) &&
      !(hasCoding && (lengths.length > 0 || minor === 0));
    const bodyless = head || status === 204 || status === 304;
    const chunked = codings.at(-1) === "chunked";
    const untilClose = !bodyless && !chunked && (hasCoding || lengths.length === 0);
    let body: Body;
    if (bodyless) body = { bytes: 0, end: at };
    else if (chunked) body = readChunks(text, at);
    else if (untilClose) body = { bytes: text.length - at, end: closed ? text.length : null };
    else body = readLength(text, at, Number(lengths[0]));
    if (body === "invalid") return invalid;
    const verdict = body.end === null ? "incomplete" : "complete";
    return {
      verdict,
      consumed: body.end ?? text.length,
      status,
      keepAlive: kept && !untilClose,
      bodyBytes: body.bytes,
      worker,
    };
  }
}

/** `null` = no response may start so. */
function readHead(text: string, start: number): Head | "incomplete" | null {
  const first = matchAt(startLine, text, start);
  if (first === null)
    return text.includes("\n", start) || !couldStart(text.slice(start)) ? null : "incomplete";
  let at = start + first[0].length;
  const fields: (readonly [string, string])[] = [];
  for (;;) {
    const last = matchAt(emptyLine, text, at);
    if (last !== null)
      return { minor: Number(first[1]), status: Number(first[2]), fields, end: at + last[0].length };
    const field = matchAt(fieldLine, text, at);
    // The line after tells whether a line is folded: without it nothing is wrong yet.
    if (field === null) return /\n[^ \t]/.test(text.slice(at)) ? null : "incomplete";
    if (at + field[0].length === text.length) return "incomplete";
    fields.push([
      field[1]!.toLowerCase(),
      field[2]!.replaceAll(/\r?\n/g, " ").replaceAll(/^[ \t]+|[ \t]+$/g, ""),
    ]);
    at += field[0].length;
  }
}

const couldStart = (text: string): boolean => "HTTP/1.".startsWith(text) || text.startsWith("HTTP/1.");

function validFraming(
  fields: Head["fields"],
  lengths: readonly string[],
  codings: readonly string[],
): boolean {
  const all = fields.filter(([name]) => name === "content-length").map(([, value]) => value);
  if (all.some((value) => !/\d/.test(value))) return false;
  if (lengths.some((length) => !/^\d+$/.test(length) || BigInt(length) > 2n ** 53n - 1n)) return false;
  if (new Set(lengths.map(BigInt)).size > 1) return false;
  if (codings.some((coding) => !/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(coding))) return false;
  return codings.filter((coding) => coding === "chunked").length <= 1;
}

function readLength(text: string, start: number, length: number): Body {
  const bytes = Math.min(length, text.length - start);
  return { bytes, end: bytes === length ? start + length : null };
}

function readChunks(text: string, start: number): Body {
  let bytes = 0;
  for (let at = start; ;) {
    const line = matchAt(sizeLine, text, at);
    if (line === null) return text.includes("\n", at) ? "invalid" : { bytes, end: null };
    const size = BigInt(`0x${line[1]}`);
    if (size > 2n ** 53n - 1n) return "invalid";
    at += line[0].length;
    if (size === 0n) {
      const trailers = readHead(`HTTP/1.1 200\n${text.slice(at)}`, 0);
      if (trailers === null) return "invalid";
      return { bytes, end: trailers === "incomplete" ? null : at + trailers.end - "HTTP/1.1 200\n".length };
    }
    const data = Math.min(Number(size), text.length - at);
    bytes += data;
    at += data;
    if (data < Number(size)) return { bytes, end: null };
    if (!text.startsWith("\r\n", at))
      return "\r\n".startsWith(text.slice(at)) ? { bytes, end: null } : "invalid";
    at += 2;
  }
}

function workerOf(fields: Head["fields"], workerHeader: string): number {
  for (const [name, value] of fields) {
    const digits = name === workerHeader ? /\d+$/.exec(value)?.[0] : undefined;
    if (digits !== undefined && Number(digits) < 1e7) return Number(digits);
  }
  return -1;
}

/** The elements of a list field (RFC 9110 §5.6.1), lower case, empty ones left out. */
function listOf(fields: Head["fields"], wanted: string): string[] {
  return fields
    .filter(([name]) => name === wanted)
    .flatMap(([, value]) => value.split(","))
    .map((element) => element.replaceAll(/^[ \t]+|[ \t]+$/g, "").toLowerCase())
    .filter((element) => element !== "");
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
