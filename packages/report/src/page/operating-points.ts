import type { OperatingPointResult, Results } from "../results-schema.js";
import type { Markup } from "../svg.js";
import { methodName, percent, settingText, shortPercent } from "../words.js";
import { type Cell, paragraph, section, table } from "./tables.js";

/** The table of budgets: which λ to use, what it brings, and what the rivals bring for the same budget. */
export function operatingPointsSection({ operatingPoints }: Results): readonly Markup[] {
  if (operatingPoints.length === 0) return [];
  const rivals = [...new Set(operatingPoints.flatMap((point) => point.rivals.map(({ method }) => method)))];
  const head = ["Budget", "λ", "QuEE on validation", "QuEE on test", ...rivals.map(methodName)];
  return [
    section(
      "Which λ for which budget",
      paragraph(
        "A budget is the mean share of the full computation. Every setting was chosen on validation images as the most " +
          "accurate one within the budget, and only then looked up on test images. Changing λ needs no retraining.",
      ),
      table(
        head,
        operatingPoints.map((point) => row(point, rivals)),
      ),
    ),
  ];
}

const nothing: Cell = { words: "–", note: "out of reach" };

function row({ budget, lambda, validation, test, rivals }: OperatingPointResult, methods: readonly string[]): Cell[] {
  return [
    { words: shortPercent(budget) },
    lambda === null ? { words: "–" } : { words: settingText(lambda) },
    validation === null ? nothing : { words: percent(validation.top1), note: `cost ${percent(validation.cost)}` },
    test === null ? nothing : { words: percent(test.top1), note: `cost ${percent(test.cost)}`, isMain: true },
    ...methods.map((method): Cell => {
      const rival = rivals.find((candidate) => candidate.method === method);
      if (rival === undefined) return nothing;
      return { words: percent(rival.test.top1), note: `cost ${percent(rival.test.cost)}` };
    }),
  ];
}
