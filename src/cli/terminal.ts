/** Where a command writes: tables to stdout, progress and errors to stderr. */

import { MeshLoadError } from "../errors.ts";

export interface Terminal {
  /** Columns of stdout; 80 where it is no terminal, or one without a size. */
  readonly columns: number;
  /** stdout may be coloured. */
  readonly color: boolean;
  /** stderr, for progress: a terminal can rewrite a line. */
  readonly stderr: {
    readonly write: (text: string) => unknown;
    readonly isTTY: boolean;
    readonly columns: number;
  };
  /**
   * Writes to stdout as it stands and resolves when it is handed over: to `false` where its reader went away
   * (`| head`), which ends the output quietly.
   * @throws MeshLoadError OUTPUT_UNWRITABLE
   */
  readonly print: (text: string | Iterable<string>) => Promise<boolean>;
  /** Writes one line to stderr. */
  readonly note: (line: string) => void;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { NO_COLOR: noColor = "", TERM: term } = process.env;
  // Without a listener a write error would be thrown where nobody can catch it; `print` tells it to its caller.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  const live = process.stderr.isTTY && term !== "dumb";
  return {
    columns: columnsOf(process.stdout),
    color: process.stdout.isTTY && noColor === "" && term !== "dumb",
    stderr: {
      write: (text) => process.stderr.write(text),
      isTTY: live,
      columns: columnsOf(process.stderr),
    },
    print: printToStdout,
    note: (line) => {
      // A live line may stand there.
      process.stderr.write(`${live ? "\r\u001B[K" : ""}${line}\n`);
    },
  };
}

/** A terminal that was given no size, as in a container, has 0 columns. */
function columnsOf({ isTTY, columns }: NodeJS.WriteStream): number {
  return (isTTY && columns) || 80;
}

async function printToStdout(text: string | Iterable<string>): Promise<boolean> {
  const parts = typeof text === "string" ? [text] : text;
  for (const part of parts) if (!(await writeToStdout(part))) return false;
  return true;
}

function writeToStdout(part: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    process.stdout.write(part, (error?: NodeJS.ErrnoException | null) => {
      if (!error) resolve(true);
      else if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") resolve(false);
      else
        reject(
          new MeshLoadError("OUTPUT_UNWRITABLE", `stdout cannot be written: ${error.message}`, {
            hint: "Free some space, or write to another place.",
            cause: error,
          }),
        );
    });
  });
}
