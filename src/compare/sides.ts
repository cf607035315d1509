/** Which runs stand against which: two lists of sets, the sides of A/B sets, or the modes of a set. */

import { MeshLoadError } from "../errors.ts";
import { modeTitle } from "../plan/mode.ts";
import type { Mode } from "../plan/mode.ts";
import type { ResultSet } from "../result/result.ts";
import type { ComparedSide, Comparison, FieldDifference } from "./comparison.ts";
import { differencesOf, sideDifferences } from "./comparable.ts";
import { groupAllRuns, groupRuns, isCompleted, isFilled, isLuck } from "./groups.ts";
import type { GroupedRun, Named, RunGroup } from "./groups.ts";
import type { ComparedRuns } from "./judge.ts";

/** What to compare. Lists of sets are pooled: each of their runs counts as one. */
export type ComparisonInput =
  | { readonly baseline: readonly ResultSet[]; readonly candidate: readonly ResultSet[] }
  /** Sets that `run -ab` made. */
  | { readonly sides: readonly ResultSet[] }
  /** Every other mode against one, which is the first of the plan where none is named. */
  | { readonly modes: readonly ResultSet[]; readonly baselineMode?: Mode };

export interface GroupPair extends ComparedRuns {
  readonly group: string;
  readonly title: string;
  readonly mode: Mode | null;
  readonly luck: boolean;
}

export interface Sides extends Pick<Comparison, "of" | "design" | "baseline" | "candidate"> {
  readonly pairs: readonly GroupPair[];
  /** Driven on both sides, and on one of them never to the end. */
  readonly unpaired: readonly Named[];
  readonly differences: readonly FieldDifference[];
  /** The quantile that the attributions are of. */
  readonly tailQuantile: number;
  readonly notes: readonly string[];
}

/** @throws MeshLoadError NOT_COMPARABLE, NOTHING_TO_COMPARE */
export function sidesOf(input: ComparisonInput): Sides {
  if ("sides" in input) return sidesOfSets(input.sides);
  if ("modes" in input) return modesOf(input.modes, input.baselineMode);
  return twoSides(input.baseline, input.candidate);
}

function twoSides(baseline: readonly ResultSet[], candidate: readonly ResultSet[]): Sides {
  const sets = [...baseline, ...candidate];
  demandOnce(baseline);
  demandOnce(candidate);
  const withSides = sets.find(({ runs }) => runs.some(({ side }) => side !== ""));
  if (withSides !== undefined)
    throw notComparable(
      `${withSides.id} has two sides of its own`,
      "Compare it alone: mesh-load compare SET.",
    );
  const tailQuantile = tailOf(sets);
  const described = { baseline: describe(baseline), candidate: describe(candidate) };
  demandRuns(described);
  const [allOfOne, allOfTwo] = [groupAllRuns(baseline, tailQuantile), groupAllRuns(candidate, tailQuantile)];
  const [one, two] = [allOfOne.filter(isFilled), allOfTwo.filter(isFilled)];
  const pairs = one.flatMap((group) => {
    const other = two.find((candidate) => candidate.group === group.group)?.runs ?? [];
    return filledPair(group, { design: "unpaired", baseline: group.runs, candidate: other });
  });
  demandPairs(pairs, one, two);
  const onBoth = allOfOne.filter(({ group }) => allOfTwo.some((other) => other.group === group));
  return {
    of: "sets",
    design: "unpaired",
    ...described,
    pairs,
    unpaired: without(pairs, onBoth),
    differences: differencesWithin(sets),
    tailQuantile,
    notes: [
      ...onBothSides(baseline, candidate),
      ...onlyOf("baseline", one, two),
      ...onlyOf("candidate", two, one),
    ],
  };
}

function sidesOfSets(sets: readonly ResultSet[]): Sides {
  const tailQuantile = tailOf(sets);
  const only = (side: string): ResultSet[] =>
    sets.map((set) => ({ ...set, runs: set.runs.filter((run) => run.side === side) }));
  const described = {
    baseline: { ...describe(only("a")), name: "a" },
    candidate: {
      ...describe(only("b")),
      name: "b",
      envoy: sets[0]!.environment.sides?.b.envoy ?? sets[0]!.environment.envoy,
    },
  };
  if (sets.some(({ runs }) => !runs.some(({ side }) => side !== "")))
    throw notComparable(
      "a single result set without sides has nothing to be compared with",
      "Give a second one, or -by mode; run -ab makes sets with two sides.",
    );
  demandRuns(described);
  const groups = groupAllRuns(sets, tailQuantile);
  const pairs = groups.flatMap((group): GroupPair[] => {
    const ofSide = (side: string): GroupedRun[] => group.runs.filter((run) => run.side === side);
    return filledPair(group, matched(ofSide("a"), ofSide("b")));
  });
  demandPairs(pairs, groups, groups);
  const differences = [...sideDifferences(sets[0]!), ...differencesWithin(sets)];
  const unpaired = without(pairs, groups);
  return {
    of: "sides",
    design: "paired",
    ...described,
    pairs,
    unpaired,
    differences,
    tailQuantile,
    notes: [],
  };
}

function modesOf(sets: readonly ResultSet[], wanted: Mode | undefined): Sides {
  const tailQuantile = tailOf(sets);
  const groups = groupRuns(sets, tailQuantile).filter(({ mode }) => mode !== null);
  const own = groups.map(({ mode }) => mode!);
  if (groups.length < 2)
    throw notComparable(
      `-by mode needs two modes with completed runs, and there ${groups.length === 1 ? `is only ${own[0]}` : "is none"}`,
      "Run with -modes default,reuse_port,exact_balance, or with MODE=URL.",
    );
  const baseline = wanted === undefined ? groups[0] : groups.find(({ mode }) => mode === wanted);
  if (baseline === undefined)
    throw notComparable(`there is no completed run of ${wanted}`, `There are ${own.join(", ")}.`);
  const others = groups.filter((group) => group !== baseline);
  const pairs = others.flatMap((group) => filledPair(group, matched(baseline.runs, group.runs)));
  const described = describe(sets);
  return {
    of: "modes",
    design: "paired",
    baseline: { ...described, name: modeTitle[baseline.mode!], runs: baseline.runs.length },
    candidate: {
      ...described,
      name: pairs.map(({ title }) => title).join(", "),
      runs: pairs.reduce((sum, { candidate }) => sum + candidate.length, 0),
    },
    pairs,
    unpaired: [],
    differences: differencesWithin(sets),
    tailQuantile,
    notes: [],
  };
}

/** Runs with a partner in their block, in its order. */
function matched(baseline: readonly GroupedRun[], candidate: readonly GroupedRun[]): ComparedRuns {
  const partners = new Map(candidate.map((one) => [one.block, one]));
  const both = baseline.filter(({ block }) => partners.has(block));
  return { design: "paired", baseline: both, candidate: both.map(({ block }) => partners.get(block)!) };
}

/** The pair, or none where a side has no run. */
function filledPair({ group, title, mode, runs }: RunGroup, compared: ComparedRuns): GroupPair[] {
  if (compared.baseline.length === 0 || compared.candidate.length === 0) return [];
  return [{ group, title, mode, luck: isLuck(runs), ...compared }];
}

const without = (pairs: readonly Named[], groups: readonly Named[]): Named[] =>
  groups.filter(({ group }) => !pairs.some((pair) => pair.group === group));

/** Attributions of different quantiles cannot be compared: they are made anew at the first set's. */
const tailOf = (sets: readonly ResultSet[]): number => sets[0]!.plan.tailQuantile;

export function describe(sets: readonly ResultSet[]): ComparedSide {
  const runs = sets.flatMap((set) => set.runs);
  const [first] = sets;
  return {
    name: [...new Set(sets.map(({ labels, id }) => labels || id))].join(", "),
    sets: sets.map(({ id, labels, startedAt }) => ({ id, labels, startedAt })),
    envoy: first!.environment.envoy,
    cpuModel: first!.environment.cpuModel,
    cpus: first!.environment.cpus,
    runs: runs.filter(isCompleted).length,
    interrupted: runs.filter(({ state }) => state === "interrupted").length,
    failed: runs.filter((run) => run.state !== "interrupted" && !isCompleted(run)).length,
  };
}

/** Every field in which a set is not as the first. */
function differencesWithin([first, ...others]: readonly ResultSet[]): FieldDifference[] {
  const byField = new Map<string, FieldDifference>();
  for (const other of others)
    for (const difference of differencesOf(first!, other))
      if (!byField.has(difference.field)) byField.set(difference.field, difference);
  return [...byField.values()];
}

const keyOf = ({ id, startedAt, seed }: ResultSet): string => `${id} ${startedAt} ${seed}`;

/** Of a pipeline that mixed up its files, a comparison would say that nothing changed. */
function onBothSides(baseline: readonly ResultSet[], candidate: readonly ResultSet[]): string[] {
  const keys = new Set(baseline.map(keyOf));
  const same = candidate.filter((set) => keys.has(keyOf(set)));
  return same.map(({ id }) => `${id} stands on both sides, and does not differ from itself.`);
}

/** A set given twice would count its runs twice. */
function demandOnce(sets: readonly ResultSet[]): void {
  const keys = sets.map(keyOf);
  const twice = sets.find((_, i) => keys.indexOf(keys[i]!) !== i);
  if (twice !== undefined)
    throw notComparable(`${twice.id} is given twice on one side`, "Give each set once.");
}

/** @throws MeshLoadError NOTHING_TO_COMPARE where one of them has no completed run */
export function demandRuns(sides: Readonly<Record<string, ComparedSide>>): void {
  for (const [role, { runs, interrupted, failed, sets }] of Object.entries(sides)) {
    if (runs > 0) continue;
    const names = sets.map(({ id }) => id).join(", ");
    throw new MeshLoadError(
      "NOTHING_TO_COMPARE",
      `The ${role} has no completed run (${interrupted} interrupted, ${failed} failed): ${names}`,
      { hint: "Run it again." },
    );
  }
}

function demandPairs(pairs: readonly GroupPair[], one: readonly RunGroup[], two: readonly RunGroup[]): void {
  if (pairs.length > 0) return;
  throw one === two
    ? new MeshLoadError("NOTHING_TO_COMPARE", "No block has a completed run on both sides", {
        hint: "Run it again.",
      })
    : notComparable(
        `the two have no mode in common: ${namesOf(one)} against ${namesOf(two)}`,
        "Run both with the same -modes.",
      );
}

const namesOf = (groups: readonly RunGroup[]): string => groups.map(({ group }) => group).join(", ");

function onlyOf(role: string, own: readonly RunGroup[], other: readonly RunGroup[]): string[] {
  const names = own.filter(({ group }) => !other.some((its) => its.group === group));
  return names.length === 0 ? [] : [`Only the ${role} has ${names.map(({ title }) => title).join(", ")}.`];
}

export function notComparable(message: string, hint: string): MeshLoadError {
  return new MeshLoadError("NOT_COMPARABLE", `Cannot compare: ${message}`, { hint });
}
