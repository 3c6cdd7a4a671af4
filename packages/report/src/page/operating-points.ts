import type { OperatingPointResult, Results } from "../results-schema.js";
import { shownMethods } from "../shown-methods.js";
import { methodName, percent, settingText, shortPercent } from "../words.js";
import type { SectionData } from "./section-data.js";
import type { Cell } from "./tables.js";

/** The table of budgets: which λ to use, what it brings, and what the rivals of the paper and the best one bring for the same. */
export function operatingPointsSection(results: Results): readonly SectionData[] {
  const { operatingPoints } = results;
  if (operatingPoints.length === 0) return [];
  const present = new Set(operatingPoints.flatMap((point) => point.rivals.map(({ method }) => method)));
  const rivals = shownMethods(results).filter((method) => present.has(method));
  const words =
    "A budget is the mean share of the full computation. Every setting was chosen on validation images as the most " +
    "accurate one within the budget, and only then looked up on test images. Changing λ needs no retraining.";
  return [
    {
      title: "Which λ for which budget",
      parts: [
        { kind: "words", words },
        {
          kind: "table",
          head: ["Budget", "λ", "QuEE on validation", "QuEE on test", ...rivals.map(methodName)],
          rows: operatingPoints.map((point) => row(point, rivals)),
        },
      ],
    },
  ];
}

const nothing: Cell = { words: "–", note: "out of reach" };

function row(
  { budget, lambda, firstBits, validation, test, rivals }: OperatingPointResult,
  methods: readonly string[],
): Cell[] {
  const note = firstBits === undefined ? {} : { note: `block 1 at ${firstBits} bits` };
  return [
    { words: shortPercent(budget) },
    lambda === null ? { words: "–" } : { words: settingText(lambda), ...note },
    validation === null ? nothing : { words: percent(validation.top1), note: `cost ${percent(validation.cost)}` },
    test === null ? nothing : { words: percent(test.top1), note: `cost ${percent(test.cost)}`, isMain: true },
    ...methods.map((method): Cell => {
      const rival = rivals.find((candidate) => candidate.method === method);
      if (rival === undefined) return nothing;
      return { words: percent(rival.test.top1), note: `cost ${percent(rival.test.cost)}` };
    }),
  ];
}
