/** Pieces of HTML. What comes from a result goes through `escapeHtml` or `scriptJson`, without exception. */

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For text and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** JSON that cannot end the script element it stands in. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * A table whose first column names the row. It scrolls by itself where it is too wide, by the keyboard too. `labels` are
 * what a reader may choose rows by, one each.
 */
export function htmlTable(
  caption: string,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  labels: readonly string[] = [],
): string {
  // A heading without text is none.
  const head = titles
    .map((title) => (title === "" ? "<td></td>" : `<th scope="col">${escapeHtml(title)}</th>`))
    .join("");
  const body = rows.map(([name = "", ...cells], i) => {
    const label = labels[i] === undefined ? "" : ` data-label="${escapeHtml(labels[i])}"`;
    const figures = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
    return `<tr${label}><th scope="row">${escapeHtml(name)}</th>${figures}</tr>`;
  });
  const label = escapeHtml(caption);
  return `<div class="scroll" role="group" tabindex="0" aria-label="${label}"><table><caption>${label}</caption><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table></div>`;
}

export function htmlList(items: readonly string[]): string {
  return items.length === 0
    ? ""
    : `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("\n")}</ul>`;
}
