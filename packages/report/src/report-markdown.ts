import { comparisonSections } from "./page/comparison.js";
import { operatingPointsSection } from "./page/operating-points.js";
import { markdownOf, type SectionData } from "./page/section-data.js";
import type { Results } from "./results-schema.js";
import { headline } from "./sentences.js";
import { shownBudget } from "./shown-methods.js";
import type { Timings } from "./timings-schema.js";
import { methodName, percent, shortPercent } from "./words.js";

/** `report.md`: words and tables of the report, for where no browser is. The same parts give the same bytes. */
export function reportMarkdown({ results, timings }: { readonly results: Results; readonly timings: Timings }): string {
  const sections = [
    ...operatingPointsSection(results),
    ...comparisonSections(results, timings),
    ...shiftSection(results),
  ];
  return `${[`# QuEE on ${results.dataset}`, `${headline(results)}.`, ...sections.map(markdownOf)].join("\n\n")}\n`;
}

/** Every condition, at the settings that the middle budget has on clean validation images. */
function shiftSection({ shift, comparison }: Results): readonly SectionData[] {
  if (shift === undefined) return [];
  const budget = shownBudget(shift);
  if (budget === null) return [];
  const bounds = new Set(
    comparison?.methods.filter(({ role }) => role !== "main" && role !== "rival").map(({ method }) => method),
  );
  const methods = shift.methods.map(({ method }) => method).filter((method) => !bounds.has(method));
  return [
    {
      title: "When the images move",
      parts: [
        {
          kind: "words",
          words:
            `The first ${shift.images} test images, corrupted, at the settings that clean validation images chose for ${shortPercent(budget)}: ` +
            "accuracy, and mean cost in parentheses.",
        },
        {
          kind: "table",
          head: ["Corruption", ...methods.map(methodName)],
          rows: shift.conditions.map(({ kind, strength, points }) => [
            { words: `${kind} ${strength}` },
            ...methods.map((method) => {
              const point = points.find((one) => one.method === method && one.budget === budget);
              return point === undefined
                ? { words: "–" }
                : { words: percent(point.top1), note: shortPercent(point.cost) };
            }),
          ]),
        },
      ],
    },
  ];
}
