/** How many repetitions a wanted effect needs, on a terminal. */

import type { RepetitionPlan, RepetitionWish } from "../compare/repetition-plan.ts";
import { formatEffect } from "../compare/words.ts";
import { formatMicros } from "../units.ts";
import { unknown } from "./figures.ts";
import { renderGrid } from "./grid.ts";
import { createStyle } from "./style.ts";
import type { Look } from "./style.ts";
import { wrap } from "./wrap.ts";

/** The table of each wish, ending with a line feed. */
export function renderRepetitionPlan(
  plan: RepetitionPlan,
  { columns, color }: { readonly columns: number; readonly color: boolean },
): string {
  const look = { style: createStyle(color), width: Math.max(40, columns) };
  const sections = plan.wishes.map((wish) => wishLines(wish, plan, look));
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

const titles = ["a run of", "varies by", "-ab: -reps", "takes", "apart: -reps", "takes"] as const;

function wishLines(
  wish: RepetitionWish,
  { power, baseline }: RepetitionPlan,
  { style, width }: Look,
): string[] {
  const { title, metric, effect, tolerance, runs, lengths } = wish;
  const grid = renderGrid(
    titles.map((name) => ({ title: name })),
    lengths.map(({ durationS, sigma, paired, unpaired }) => [
      formatTime(durationS),
      formatEffect(sigma, wish).replace(/^[+±]/, ""),
      paired === null ? unknown : String(paired),
      timeOf(paired, durationS),
      unpaired === null ? unknown : String(unpaired),
      timeOf(unpaired, durationS),
    ]),
    width,
  );
  return [
    ...wrap(
      `To find ${metric} ${formatEffect(effect, wish)} in ${title} with a probability of ${Math.round(power * 100)} %, where the gate allows ${formatEffect(tolerance, wish)}: by the noise of ${runs} runs of ${baseline}`,
      width,
    ),
    style.title(grid[0]!),
    ...grid.slice(1),
    ...(effect <= tolerance
      ? [style.doubt("A gate never fails for what it allows: let it allow less than the effect.")]
      : []),
  ];
}

const formatTime = (seconds: number): string => formatMicros(seconds * 1e6).replace(/\.?0+ /, " ");

/** Both sides' runs, one after the other. */
function timeOf(repetitions: number | null, durationS: number): string {
  if (repetitions === null) return unknown;
  const seconds = 2 * repetitions * durationS;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}
