/** Output files: whole or not at all, and an error that says which file and why. */

import { randomUUID } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { mkdir, open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { getSystemErrorMessage } from "node:util";
import { createGzip } from "node:zlib";
import { MeshLoadError, messageOf } from "../errors.ts";

/** What a file holds: text, whole or in parts. */
export type Text = string | Iterable<string>;

/**
 * Writes a file so that a reader, or a crash, finds the old text or the new, never a part. Makes the directories that
 * are missing. A name that ends in `.gz` gets the text compressed. A device or a pipe is written to as it is.
 *
 * @throws MeshLoadError OUTPUT_UNWRITABLE with the path and the reason.
 */
export async function writeOutput(path: string, text: Text): Promise<void> {
  try {
    await makeDirectory(dirname(path));
    // A link stays a link: the file that it names is replaced.
    const target = await realpath(path).catch(() => path);
    const write = path.endsWith(".gz") ? gzipInto : textInto;
    if (await isSpecial(target)) await write(target, text);
    else await replace(target, (file) => write(file, text));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * Finds out before a load whether a file can be written afterwards: makes its directory and writes a block beside it.
 *
 * @throws MeshLoadError OUTPUT_UNWRITABLE with the path and the reason.
 */
export async function checkWritable(path: string): Promise<void> {
  try {
    await makeDirectory(dirname(path));
    // A device has nothing to clean up and must not get our bytes; opening it is all that can be tried.
    if (await isSpecial(path)) await (await open(path, "w")).close();
    else await writeProbe(path);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * The same of files that are to be made in a directory, whose names are not known yet.
 *
 * @throws MeshLoadError OUTPUT_UNWRITABLE with the directory and the reason.
 */
export async function checkDirectory(path: string): Promise<void> {
  try {
    await makeDirectory(path);
    await writeProbe(join(path, "any"));
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function writeProbe(beside: string): Promise<void> {
  const probe = temporaryBeside(beside);
  await synced(probe, (file) => file.writeFile("\n".repeat(1 << 16))).finally(() =>
    rm(probe, { force: true }),
  );
}

/**
 * Makes a directory and those above it. Node's own `recursive` tries without end where a directory exists and takes no
 * other into it, as /proc does.
 */
export async function makeDirectory(path: string): Promise<void> {
  if ((await stat(path).catch(() => null))?.isDirectory()) return;
  await makeDirectory(dirname(path));
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

type Target = string | FileHandle;

async function textInto(target: Target, text: Text): Promise<void> {
  await writeFile(target, text);
}

async function gzipInto(target: Target, text: Text): Promise<void> {
  const parts = typeof text === "string" ? [text] : text;
  await pipeline(Readable.from(parts), createGzip(), (compressed) => writeFile(target, compressed));
}

async function replace(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await synced(temporary, write);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** A new file, written and on the disk. */
async function synced(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  await using file = await open(path, "wx");
  await write(file);
  await file.sync();
}

/** Makes the rename itself survive a power cut. Not every file system can; then there is nothing more to do. */
async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, "r");
  await directory.sync().catch(() => {});
}

async function isSpecial(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  if (stats?.isDirectory()) throw Object.assign(new Error("it is a directory"), { code: "EISDIR" });
  return stats !== null && !stats.isFile();
}

function temporaryBeside(path: string): string {
  return join(dirname(path), `.mesh-load-${randomUUID()}.part`);
}

/** Which file cannot be written, why, and what to do. */
export function unwritable(path: string, cause: unknown): MeshLoadError {
  const { errno, code } = cause as NodeJS.ErrnoException;
  const reason = errno === undefined ? messageOf(cause) : getSystemErrorMessage(errno);
  const hint =
    code === "ENOSPC" || code === "EDQUOT"
      ? "Free some space, or write to another place."
      : "Give a path that you may write to.";
  return new MeshLoadError("OUTPUT_UNWRITABLE", `Cannot write ${resolve(path)}: ${reason}`, { hint, cause });
}
