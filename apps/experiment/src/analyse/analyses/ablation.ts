import { type CostRange, mean } from "@quee/metrics";
import { curvesFigure, gainFigure } from "@quee/report";
import { type Analysis, type AnalysisResult, figureOf, tableOf } from "../analysis.js";
import { changes, type NamedChange } from "../changes.js";
import { costAtLoss, losses, type Outcome } from "../outcome.js";
import { areas, meanCurve, pointsText, type Spread, spreadOf } from "../over-seeds.js";
import { changed, together } from "../recipe.js";

/** A row of the table. */
interface Row {
  readonly name: string;
  readonly outcomes: readonly Outcome[];
}

/** What each idea brings by itself, and what those do together that brought something. */
export const ablation: Analysis = {
  name: "ablation",
  title: "Past the paper, one change at a time",
  source: "QuEE (arXiv 2406.14404), sections 4 and 7; rows are changes to its letter",
  version: 3,
  async run(bench, onProgress) {
    const { letter, own, range, seeds } = bench;
    const total = changes.length + 3;
    const rows: Row[] = [];
    const add = async (name: string, recipe: typeof letter) => {
      const outcomes: Outcome[] = [];
      for (const seed of seeds) {
        outcomes.push(await bench.outcome(recipe, seed));
        onProgress(rows.length * seeds.length + outcomes.length, total * seeds.length, "trainings");
      }
      rows.push({ name, outcomes });
      return outcomes;
    };
    const paper = await add("the letter of the paper", letter);
    const tried: (NamedChange & { readonly outcomes: readonly Outcome[] })[] = [];
    for (const one of changes) tried.push({ ...one, outcomes: await add(one.name, changed(letter, one.change)) });
    await add("what the run does", own);
    const kept = worthKeeping(tried, paper, range);
    const best = kept.length === 0 ? letter : changed(letter, together(kept.map(({ change }) => change)));
    await add(kept.length === 0 ? "best: the letter" : "best: what helped, together", best);
    return resultOf(rows, kept, bench.costWords, range);
  },
};

/**
 * Of each group the change with the largest mean gain on the images that settings are chosen on, if the interval over seeds is
 * above zero: careful, since twenty tries find something by chance. Nothing with one seed.
 */
export function worthKeeping<Change extends NamedChange & { readonly outcomes: readonly Outcome[] }>(
  tried: readonly Change[],
  paper: readonly Outcome[],
  range: CostRange,
): readonly Change[] {
  const before = areas(paper, range, "choose");
  const best = new Map<NamedChange["group"], { readonly one: Change; readonly gain: number }>();
  for (const one of tried) {
    const gains = areas(one.outcomes, range, "choose").map((area, s) => area - (before[s] ?? Number.NaN));
    const { mean: gain, halfWidth } = spreadOf(gains);
    if (halfWidth === null || gain <= halfWidth || gain <= (best.get(one.group)?.gain ?? 0)) continue;
    best.set(one.group, { one, gain });
  }
  return Array.from(best.values(), ({ one }) => one);
}

/** Paired by seed: both saw the same halves of the validation images. */
function gainOver(paper: readonly Outcome[], outcomes: readonly Outcome[], range: CostRange): Spread {
  const before = areas(paper, range);
  return spreadOf(areas(outcomes, range).map((area, s) => area - (before[s] ?? Number.NaN)));
}

function resultOf(
  rows: readonly Row[],
  kept: readonly NamedChange[],
  costWords: string,
  range: CostRange,
): AnalysisResult {
  const [paper, ...others] = rows;
  if (paper === undefined) throw new RangeError("the table has the letter of the paper");
  const gains = others.map(({ name, outcomes }) => ({ name, gain: gainOver(paper.outcomes, outcomes, range) }));
  const figureRows = gains.map(({ name, gain }) => ({
    ...{ name, gain: 100 * gain.mean },
    halfWidth: gain.halfWidth === null ? null : 100 * gain.halfWidth,
  }));
  const over = `costs from ${Math.round(100 * range.from)} to ${Math.round(100 * range.to)} %`;
  const best = rows.at(-1) as Row;
  const own = rows.at(-2) as Row;
  const curveOf = ({ name, outcomes }: Row) => ({ name, points: meanCurve(outcomes, range) });
  const full = spreadOf(paper.outcomes.map((outcome) => outcome.full.test)).mean;
  return {
    text: [
      keptSentence(kept),
      ...gains.map(({ name, gain }) => gainSentence(name, gain, over)),
      ...fairSentences(rows, range),
      `Settings were chosen on half of the validation images, everything else fitted on the other half or on training images; ${paper.outcomes.length} seeds, each with other halves.`,
    ],
    figures: [
      ...figureOf(
        "gains",
        "95 % intervals over seeds, each seed paired with the letter of the paper on the same images.",
        gainFigure(figureRows, {
          title: "What each change brings",
          axis: `points of mean top-1 over ${over}, against the letter of the paper`,
        }),
      ),
      ...figureOf(
        "curves",
        "Mean over seeds with its 95 % interval; settings chosen on validation images.",
        curvesFigure([curveOf(best), curveOf(paper), curveOf(own)], {
          title: "The letter of the paper and what helped",
          costLabel: costWords,
          reference: { name: "whole network at the most bits", top1: full },
        }),
      ),
    ],
    tables: [
      tableOf(
        "ablation",
        `Mean top-1 over ${over}; cost on test images of the cheapest setting that keeps an accuracy on validation images, and by how much it misses it on test images. Means over seeds; – where a seed has no such setting.`,
        [
          "change",
          "%mean top-1",
          "points against the letter",
          ...losses.flatMap((loss) => [`%cost at −${100 * loss} points`, `missed by, points (${100 * loss})`]),
          ...losses.slice(1).map((loss) => `%curve reaches −${100 * loss} at`),
        ],
        rows.map(({ name, outcomes }) => [
          name,
          spreadOf(areas(outcomes, range)).mean,
          name === paper.name ? "" : pointsText(gainOver(paper.outcomes, outcomes, range)),
          ...losses.flatMap((loss) => [...keptAt(outcomes, loss)]),
          ...losses.slice(1).map((loss) => meanOrNull(outcomes.map((outcome) => costAtLoss(outcome, loss)))),
        ]),
      ),
    ],
    data: {
      range: { ...range },
      kept: kept.map(({ name }) => name),
      rows: rows.map(({ name, outcomes }) => ({ name, outcomes: outcomes.map((outcome) => ({ ...outcome })) })),
    },
  };
}

/** Cost where validation images say that so much is lost, and what more is lost on test images. */
function keptAt(outcomes: readonly Outcome[], loss: number): readonly [number | null, string] {
  const found = outcomes.map((outcome) => {
    const test = outcome.atLoss.find((one) => one.loss === loss)?.test ?? null;
    return test === null ? null : { cost: test.cost, missed: outcome.full.test - loss - test.top1 };
  });
  const cost = meanOrNull(found.map((one) => one?.cost ?? null));
  return [cost, cost === null ? "–" : pointsText(spreadOf(found.map((one) => one?.missed ?? 0)))];
}

function meanOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : mean(known);
}

function gainSentence(name: string, gain: Spread, over: string): string {
  const points = `${pointsText(gain)} points of mean top-1 over ${over}`;
  if (gain.halfWidth === null) return `${name}: ${points} with one seed, which says little.`;
  if (Math.abs(gain.mean) <= gain.halfWidth) return `${name}: ${points}; the seeds do not tell it from nothing.`;
  return gain.mean > 0 ? `${name}: helps by ${points}.` : `${name}: harms, ${points}.`;
}

/** Of changes that differ from the letter in more than their idea. */
function fairSentences(rows: readonly Row[], range: CostRange): readonly string[] {
  const outcomesOf = (name: string) => rows.find((row) => row.name === name)?.outcomes ?? [];
  return changes.flatMap(({ name, against }) => {
    if (against === undefined) return [];
    const gain = gainOver(outcomesOf(against), outcomesOf(name), range);
    return [`${name}: ${pointsText(gain)} points against ${against}.`];
  });
}

function keptSentence(kept: readonly NamedChange[]): string {
  if (kept.length === 0)
    return "No change gains beyond its interval over seeds on the images that settings are chosen on.";
  return `These gain beyond their interval over seeds on the images that settings are chosen on, the best of each kind: ${kept.map(({ name }) => name).join("; ")}.`;
}
