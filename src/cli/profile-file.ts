/** `-profile NAME|FILE`: one of the profiles that come along, or a file. */

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MeshLoadError } from "../errors.ts";
import { didYouMean } from "../nearest.ts";
import { parseProfile } from "../plan/profile.ts";
import type { Profile } from "../plan/profile.ts";
import { readInput } from "./input-file.ts";

const ownDirectory = new URL("../../profiles/", import.meta.url);

/** A word without a dot or a slash is a NAME. @throws MeshLoadError PROFILE_INVALID */
export function readProfile(nameOrFile: string): Profile {
  const isName = /^[\w-]+$/.test(nameOrFile);
  const names = profileNames();
  if (isName && !names.includes(nameOrFile))
    throw new MeshLoadError("PROFILE_INVALID", `-profile ${nameOrFile}: there is no profile of that name`, {
      hint:
        didYouMean(nameOrFile, names, (name) => `-profile ${name}`) ||
        `There are ${names.join(", ")}; a file is written ./${nameOrFile}.`,
    });
  const path = isName ? fileURLToPath(new URL(`${nameOrFile}.yaml`, ownDirectory)) : nameOrFile;
  const text = readInput(path, (reason) => unreadable(path, reason));
  return parseProfile(text.toString("utf8"), path);
}

/** Of the profiles that come along. */
export function profileNames(): string[] {
  return readdirSync(ownDirectory)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .sort();
}

function unreadable(path: string, reason: string): MeshLoadError {
  return new MeshLoadError("PROFILE_INVALID", `-profile ${path} cannot be read: ${reason}`, {
    hint: "Give the path of a YAML file, or the name of a profile that comes along.",
  });
}
