import type { Comparison } from "../comparison-schema.js";
import { checkPaperStatements } from "../paper-statements.js";
import type { Results } from "../results-schema.js";
import type { Timings } from "../timings-schema.js";
import { verdictLines } from "../verdict.js";
import { methodName, percent, shortPercent, signedPoints } from "../words.js";
import type { Part, SectionData } from "./section-data.js";
import type { Cell } from "./tables.js";

/** What the numbers say, the differences behind it, what curves took to make, and the paper's statements. */
export function comparisonSections(results: Results, timings: Timings): readonly SectionData[] {
  const { comparison } = results;
  if (comparison === undefined) return [];
  return [
    { title: "What the comparison says", parts: verdictLines(results).map(sentence) },
    {
      title: "QuEE against each rival at the same cost",
      parts: [
        sentence(
          "Accuracy of QuEE less that of the other, in points, on the same test images. Between two settings a method is a mixture by " +
            "lot of both; beyond its dearest it stays there. Bold: the 95 % interval of a paired bootstrap " +
            `(${comparison.resamples} resamples) does not hold zero; intervals are not corrected for their number.`,
        ),
        differencesTable(comparison),
      ],
    },
    {
      title: "What a curve takes",
      parts: [
        sentence(
          "Trainings of networks for one curve, settings tried, and those that no other setting of the method beats on validation " +
            "images. Spread: between seeds, of the mean accuracy over the method's own costs. Least cost: of the accuracy of the whole network at the " +
            "most bits, less so many points.",
        ),
        effortTable(comparison, timings),
      ],
    },
    ...statementsSection(results),
    ...otherModels(comparison),
  ];
}

function differencesTable({ pairs }: Comparison): Part {
  const own = pairs.filter(({ first }) => first === "quee");
  const costs = [...new Set(own.flatMap(({ at }) => at.map(({ cost }) => cost)))].sort((a, b) => a - b);
  type Difference = { difference: number; low: number; high: number; significant: boolean };
  const cell = (told: Difference | null | undefined): Cell =>
    told == null
      ? { words: "–" }
      : {
          words: signedPoints(told.difference),
          note: `${signedPoints(told.low)} … ${signedPoints(told.high)}`,
          isMain: told.significant,
        };
  return {
    kind: "table",
    head: ["Rival", "all common costs", ...costs.map((cost) => shortPercent(cost))],
    rows: own.map(({ second, whole, at }) => [
      { words: methodName(second) },
      cell(whole),
      ...costs.map((cost) => cell(at.find((one) => one.cost === cost))),
    ]),
  };
}

function effortTable({ methods }: Comparison, timings: Timings): Part {
  const drops = methods[0]?.costAtDrop.map(({ dropPoints }) => dropPoints) ?? [];
  return {
    kind: "table",
    head: ["Method", "Trainings", "Time", "Settings", "Kept", "Spread", ...drops.map((drop) => `cost at −${drop}`)],
    rows: methods.map(({ method, trainings, settings, chosen, meanTop1BySeed, costAtDrop }) => {
      const known = meanTop1BySeed.filter((top1) => top1 !== null);
      const spread = known.length < 2 ? "–" : percent(Math.max(...known) - Math.min(...known), 2);
      const seconds = timings.methods?.find((one) => one.method === method)?.seconds ?? null;
      return [
        { words: methodName(method) },
        { words: String(trainings) },
        { words: seconds === null ? "–" : `${seconds.toFixed(1)}\u00a0s` },
        { words: String(settings) },
        { words: String(chosen) },
        { words: spread },
        ...costAtDrop.map(({ cost }) => ({ words: cost === null ? "–" : shortPercent(cost) })),
      ];
    }),
  };
}

function statementsSection(results: Results): readonly SectionData[] {
  const statements = checkPaperStatements(results);
  if (statements.length === 0) return [];
  return [
    {
      title: "What the paper says, and what happens here",
      parts: [
        sentence("Section 5.5 of arXiv 2406.14404, in our words."),
        ...statements.map(
          ({ claim, holds, numbers }): Part => ({
            kind: "words",
            lead: claim,
            words: `Here: ${holds}. ${numbers}.`,
          }),
        ),
      ],
    },
  ];
}

function otherModels({ costModels }: Comparison): readonly SectionData[] {
  const models = costModels.filter(({ pairs }) => pairs.some(({ meanTop1 }) => meanTop1 !== null));
  if (models.length === 0) return [];
  const names = [
    ...new Set(
      models.flatMap(({ pairs }) => pairs.filter(({ first }) => first === "quee").map(({ second }) => second)),
    ),
  ];
  return [
    {
      title: "If cost is counted otherwise",
      parts: [
        sentence(
          "Mean accuracy of QuEE and of the rival over the costs that both reach, under other models of cost. QuEE routes by them without " +
            "training; rules are fitted to them; trained rivals keep their trainings.",
        ),
        {
          kind: "table",
          head: ["Rival", ...models.map(({ model }) => model)],
          rows: names.map((name) => [
            { words: methodName(name) },
            ...models.map(({ pairs }): Cell => {
              const pair = pairs.find(({ first, second }) => first === "quee" && second === name);
              if (pair?.meanTop1 == null) return { words: "–" };
              const [own, other] = pair.meanTop1;
              return { words: signedPoints(own - other), note: `${percent(own)} and ${percent(other)}` };
            }),
          ]),
        },
      ],
    },
  ];
}

function sentence(words: string): Part {
  return { kind: "words", words };
}
