/** Titles of groups for the cells of a table: host names may be long, and a table has 80 columns. */

import { modeTitle } from "../plan/mode.ts";
import type { Group } from "./groups.ts";

const longest = modeTitle.default.length;

/** The groups with titles as long as a mode's at most, or longer where these would not tell them apart. */
export function withShortTitles(groups: readonly Group[]): Group[] {
  const titles = shortTitles(groups.map(({ title }) => title));
  return groups.map((group, i) => ({ ...group, title: titles[i]! }));
}

/** Cut in the middle; where that leaves two alike, without the end that all long ones share; else whole. */
function shortTitles(titles: readonly string[]): readonly string[] {
  const end = commonEnd(titles.filter(isLong));
  const shortened = [
    titles.map(cut),
    titles.map((title) => (isLong(title) ? cut(`${title.slice(0, title.length - end)}…`) : title)),
  ];
  return shortened.find((short) => new Set(short).size === titles.length) ?? titles;
}

const isLong = (title: string): boolean => title.length > longest;

/** From the middle: both ends of a name tell something. */
function cut(title: string): string {
  if (!isLong(title)) return title;
  const half = (longest - 1) / 2;
  return `${title.slice(0, Math.ceil(half))}…${title.slice(-Math.floor(half))}`;
}

/** How many characters all of them end with. */
function commonEnd([first = "", ...others]: readonly string[]): number {
  let length = 0;
  while (length < first.length && others.every((one) => one.at(-1 - length) === first.at(-1 - length)))
    length++;
  return length;
}
