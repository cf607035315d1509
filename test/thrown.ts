import { MeshLoadError } from "../src/errors.ts";

/** What an error says to its user: `CODE (exit): message | hint`. Throws where `act` does not. */
export async function thrown(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof MeshLoadError)) throw error;
    return `${error.code} (${error.exitCode}): ${error.message} | ${error.hint ?? ""}`;
  }
  throw new Error("nothing was thrown");
}
