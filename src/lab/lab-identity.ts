/** What a lab's listeners show to clients of TLS. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { wallClock } from "../clock.ts";
import { createAuthority } from "./certificate.ts";
import type { Identity } from "./certificate.ts";

export interface LabIdentity extends Identity {
  /** The authority's certificate, and the file that holds it. */
  readonly authority: string;
  readonly cacert: string;
}

const dayMs = 86_400_000;

/** A certificate for loopback, of an authority that lasts as long as its lab and signs nothing else. */
export async function issueIdentity(directory: string): Promise<LabIdentity> {
  const nowMs = wallClock().getTime();
  // Clocks of other containers may be a little behind.
  const validity = { from: new Date(nowMs - dayMs), to: new Date(nowMs + 365 * dayMs) };
  const authority = createAuthority("mesh-load lab", validity);
  const cacert = join(directory, "ca.pem");
  await writeFile(cacert, authority.certificate);
  const identity = authority.issue("mesh-load lab listener", ["localhost", "127.0.0.1", "::1"], validity);
  return { ...identity, authority: authority.certificate, cacert };
}
