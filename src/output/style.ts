/** Emphasis by ANSI colours (ECMA-48), or none. */

type Paint = (text: string) => string;

export interface Style {
  readonly title: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly doubt: Paint;
}

/** How a report looks: its colours, and the width that its text is wrapped at. */
export interface Look {
  readonly style: Style;
  readonly width: number;
}

const plain: Paint = (text) => text;
const sgr =
  (code: number): Paint =>
  (text) =>
    `\u001B[${code}m${text}\u001B[0m`;

export function createStyle(color: boolean): Style {
  if (!color) return { title: plain, dim: plain, good: plain, bad: plain, doubt: plain };
  return { title: sgr(1), dim: sgr(2), good: sgr(32), bad: sgr(31), doubt: sgr(33) };
}
