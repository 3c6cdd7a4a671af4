import { accuracyCostFigure } from "../accuracy-cost-figure.js";
import { classFigure } from "../class-figure.js";
import { exitHistogramFigure } from "../exit-histogram-figure.js";
import type { Results } from "../results-schema.js";
import { headline, nearestToHalf } from "../sentences.js";
import { shiftFigure } from "../shift-figure.js";
import { shownMethods } from "../shown-methods.js";
import { element, type Markup, text } from "../svg.js";
import type { Timings } from "../timings-schema.js";
import { grouped, percent } from "../words.js";
import { comparisonSections } from "./comparison.js";
import { document } from "./document.js";
import { examplesSection, type PathExample } from "./examples.js";
import { gatesSection, measurementSection, timingsSection } from "./measurement.js";
import { operatingPointsSection } from "./operating-points.js";
import { htmlOf } from "./section-data.js";
import { figure, paragraph, section } from "./tables.js";

export interface ReportParts {
  readonly results: Results;
  readonly timings: Timings;
  /** Facts about the machine as people read them: `{ Node: "20.19", Processor: "…" }`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly examples: readonly PathExample[];
  /** Why these levels, where they were not given. */
  readonly levelChoice?: string;
}

/** `report.html`: one file with figures, tables and images in it. The same parts give the same bytes. */
export function reportHtml({ results, timings, environment, examples, levelChoice }: ReportParts): string {
  const classes = classFigure(results);
  const shift = shiftFigure(results);
  const shown = shownMethods(results);
  const title = `QuEE on ${results.dataset}`;
  const body = element(
    "main",
    {},
    element("p", { class: "kicker" }, text(`QuEE · ${results.dataset} · ${results.backbone.name}`)),
    element("h1", {}, text(`${headline(results)}.`)),
    paragraph(
      "QuEE decides for each image, block after block, whether to answer now or to run the next block, and at how many " +
        "bits. λ sets the price of computation: a larger one answers earlier and coarser.",
    ),
    facts(results),
    section(
      "Accuracy against computation",
      figure(accuracyCostFigure(results, { methods: shown })),
      element(
        "p",
        { class: "small" },
        text("Point at the curves for the numbers. Bars and the band are 95\u00a0% intervals."),
      ),
    ),
    ...operatingPointsSection(results).map(htmlOf),
    ...comparisonSections(results, timings).map(htmlOf),
    ...(results.curves.every(({ method }) => shown.includes(method))
      ? []
      : [section("Every method", figure(accuracyCostFigure(results)))]),
    ...(shift === null
      ? []
      : [
          section(
            "When the images move",
            paragraph(
              "Corrupted test images, at the settings that clean validation images chose for a budget; each strength is a mean over " +
                `${results.shift?.kinds.join(", ")}. A method that sees that it is less sure should spend more.`,
            ),
            figure(shift),
          ),
        ]),
    section(
      "Where images leave",
      paragraph(
        "Each bar is one λ, from costly to cheap. Colour is the exit; the weaker its tint, the fewer bits the last block ran at.",
      ),
      figure(exitHistogramFigure(results)),
    ),
    ...(classes === null ? [] : [section("Which classes leave where", figure(classes))]),
    ...examplesSection(results, examples),
    ...gatesSection(results),
    measurementSection(results, levelChoice),
    ...timingsSection(timings, environment),
  );
  return document(title, body);
}

function facts(results: Results): Markup {
  const point = nearestToHalf(results.operatingPoints);
  const items: (readonly [string, string])[] = [
    [percent(results.backbone.top1), "full precision, last exit"],
    ...(point?.test == null
      ? []
      : [[percent(point.test.top1), "QuEE"] as const, [percent(point.test.cost), "of the computation"] as const]),
    [String(results.paths.length), "paths to choose from"],
    [grouped(results.splits.test), "test images"],
  ];
  return element(
    "ul",
    { class: "facts" },
    ...items.map(([value, name]) => element("li", {}, element("b", {}, text(value)), text(name))),
  );
}
