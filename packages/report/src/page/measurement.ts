import { costWords, fullCostWords, routingWords } from "../cost-axis.js";
import type { Curve, Results } from "../results-schema.js";
import { element, type Markup, text } from "../svg.js";
import type { Timings } from "../timings-schema.js";
import { curveName, finePercent, grouped, percent, withUnitPrefix } from "../words.js";
import { paragraph, section, table } from "./tables.js";

/** How good the predictions of the gates are: what the whole method rests on. */
export function gatesSection({ gates, clusters }: Results): readonly Markup[] {
  if (gates.length === 0) return [];
  const score = (value: number | null): { words: string } => ({ words: value === null ? "–" : value.toFixed(3) });
  return [
    section(
      "How well the gates predict errors",
      paragraph(
        "Each gate predicts the probability of error of every way to go on. RMSE, calibration error (ECE) and Brier score " +
          "are better when small; AUROC says how well errors and hits are told apart, 0.5 being chance.",
      ),
      table(
        ["Gate", "RMSE", "ECE", "Brier", "AUROC"],
        gates.map(({ gate, rmse, ece, brier, auroc }) => [
          { words: `gate ${gate}` },
          score(rmse),
          score(ece),
          score(brier),
          score(auroc),
        ]),
      ),
      element(
        "p",
        { class: "small" },
        text(
          `The targets of the gates are error rates within ${clusters.K} cluster${clusters.K === 1 ? "" : "s"} per path` +
            `${clusters.ece === null ? "" : ` (ECE ${clusters.ece.toFixed(3)}`}` +
            `${clusters.ece === null ? "" : clusters.brier === null ? ")" : `, Brier ${clusters.brier.toFixed(3)})`}.`,
        ),
      ),
    ),
  ];
}

/** What stands behind the numbers, so that nobody takes a replay for a measurement. */
export function measurementSection(results: Results, levelChoice?: string): Markup {
  const { backbone, cost, splits, experiment } = results;
  const routing = routingWords(results);
  const choosesFirst = results.curves.some(({ points }) => points.some(({ firstBits }) => firstBits !== undefined));
  const full =
    cost.unit === "ms" ? `${Number(cost.unitCost.toPrecision(3))}\u00a0ms` : withUnitPrefix(cost.unitCost, cost.unit);
  return section(
    "How it was measured",
    definitions([
      ["Cost", `${cost.unit}: ${costWords(results)}. Cost 1 is ${fullCostWords(results)}, ${full}.`],
      ...(routing === null ? [] : [["Routing", `λ weighs ${routing}`] as const]),
      [
        "Fixed parts",
        `the stem is ${finePercent(cost.stem)} of that, all heads together ${finePercent(sum(cost.heads))}`,
      ],
      ["Intervals", "95 %, from ten disjoint parts of the test images"],
      ...executions(results.curves),
      [
        "Network",
        `${backbone.name}, ${withUnitPrefix(backbone.macs, "MACs")}, exits after layers ${backbone.exits.join(", ")}, levels ${backbone.levels.join(", ")} bits`,
      ],
      ...(levelChoice === undefined ? [] : [["Levels", levelChoice] as const]),
      ["Each exit", `full precision: ${backbone.exitTop1.map((top1) => percent(top1)).join(", ")}`],
      [
        "Images",
        `${grouped(splits.train)} train, ${grouped(splits.validation)} validation, ${grouped(splits.calibration)} calibration, ${grouped(splits.test)} test`,
      ],
      [
        "Paths",
        `${results.paths.length} legal ones; block 1 at ${choosesFirst ? "the bits that validation images chose for each λ" : "the most bits"}`,
      ],
      [
        "Experiment",
        `${experiment.config}, configuration ${experiment.configHash.slice(0, 12)}, seed ${experiment.seed}`,
      ],
    ]),
  );
}

/** Curves that were measured the same way share a line. */
function executions(curves: readonly Curve[]): readonly (readonly [string, string])[] {
  const names = new Map<string, string[]>();
  for (const curve of curves) {
    const how = executionWords(curve);
    names.set(how, [...(names.get(how) ?? []), curveName(curve, curves)]);
  }
  return [...names].map(([how, whose], i) => [i === 0 ? "Curves" : "", `${whose.join(", ")}: ${how}`]);
}

function executionWords({ exit, arithmetic }: Curve): string {
  const how =
    exit === "staged" ? "staged, only the chosen blocks ran" : "replayed from the recorded outputs of all paths";
  return `${how}, ${arithmetic} arithmetic`;
}

/** Where the time went, and on what machine. */
export function timingsSection(timings: Timings, environment: Readonly<Record<string, string>>): readonly Markup[] {
  const rows = timings.stages.map(({ name, seconds, cpuSeconds, peakRssBytes, cached }) => [
    { words: name },
    { words: cached ? "from the cache" : secondsText(seconds) },
    { words: cached ? "–" : secondsText(cpuSeconds) },
    { words: `${withUnitPrefix(peakRssBytes, "B")}` },
  ]);
  const facts = Object.entries(environment);
  if (rows.length === 0 && facts.length === 0) return [];
  return [
    section(
      "Time and machine",
      ...(rows.length === 0 ? [] : [table(["Stage", "Wall clock", "Processor", "Peak memory"], rows)]),
      ...(facts.length === 0 ? [] : [definitions(facts)]),
    ),
  ];
}

function definitions(pairs: readonly (readonly [string, string])[]): Markup {
  return element(
    "dl",
    {},
    ...pairs.flatMap(([term, words]) => [element("dt", {}, text(term)), element("dd", {}, text(words))]),
  );
}

function secondsText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)}\u00a0s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}\u00a0min ${String(whole % 60).padStart(2, "0")}\u00a0s`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
