/** Names of files made of names that people gave. */

/** Letters, digits, dots, dashes and underscores are kept; every run of others is one `_`. */
export function fileName(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(/[^\w.-]+/g, "_").replaceAll(/^_|_$/g, "")).join("_");
}
