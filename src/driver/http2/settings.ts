/** The payload of SETTINGS (RFC 9113 §6.5), as far as it concerns a client without a dynamic table. */

import {
  ENABLE_PUSH,
  INITIAL_WINDOW_SIZE,
  MAX_CONCURRENT_STREAMS,
  MAX_FRAME_SIZE,
  frameSizeLimit,
  largest31Bits,
} from "./frames.ts";
import type { ErrorName } from "./frames.ts";

interface Settings {
  /** Octets; `null` = not said. */
  initialWindow: number | null;
  maxStreams: number | null;
  error: ErrorName | null;
  detail: string;
}

/** Reads whole settings from `[start, end)`; of one said twice the last counts. */
export function readSettings(buffer: Buffer, start: number, end: number): Readonly<Settings> {
  const settings: Settings = { initialWindow: null, maxStreams: null, error: null, detail: "" };
  for (let at = start; at < end; at += 6) {
    const value = buffer.readUInt32BE(at + 2);
    switch (buffer.readUInt16BE(at)) {
      case ENABLE_PUSH:
        if (value !== 0) return illegal(settings, "PROTOCOL_ERROR", `SETTINGS_ENABLE_PUSH ${value}`);
        break;
      case MAX_CONCURRENT_STREAMS:
        settings.maxStreams = value;
        break;
      case INITIAL_WINDOW_SIZE:
        if (value > largest31Bits)
          return illegal(settings, "FLOW_CONTROL_ERROR", `SETTINGS_INITIAL_WINDOW_SIZE ${value}`);
        settings.initialWindow = value;
        break;
      case MAX_FRAME_SIZE:
        if (value < frameSizeLimit || value >= 2 ** 24)
          return illegal(settings, "PROTOCOL_ERROR", `SETTINGS_MAX_FRAME_SIZE ${value}`);
        break;
      default:
      // The size of a table that we do not use, and what is unknown.
    }
  }
  return settings;
}

const illegal = (settings: Settings, error: ErrorName, detail: string): Settings => ({
  ...settings,
  error,
  detail,
});
