import { mkdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { writeFileAtomically } from "@quee/artifacts";
import { accuracyCostFigure, methodName, type Results, signedPoints } from "@quee/report";
import { pairRuns, type RunComparison } from "./pair-runs.js";
import { type FinishedRun, readFinishedRun } from "./read-run.js";

export interface CompareRequest {
  readonly runs: readonly [string, string];
  /** Where `comparison.json` and `accuracy-cost.svg` go. */
  readonly out?: string;
  readonly isJson: boolean;
}

/** Puts two finished runs beside each other. */
export async function compareRuns({ runs, out, isJson }: CompareRequest): Promise<void> {
  const [a, b] = [await readFinishedRun(runs[0]), await readFinishedRun(runs[1])];
  const comparison = pairRuns(a, b);
  const folder = resolve(out ?? join("runs", "comparisons", `${a.name}--${b.name}`));
  mkdirSync(folder, { recursive: true });
  await writeFileAtomically(join(folder, "comparison.json"), `${JSON.stringify(comparison, null, 2)}\n`);
  const figure = join(folder, "accuracy-cost.svg");
  await writeFileAtomically(figure, accuracyCostFigure(bothCurves(a, b, comparison)));
  if (isJson) console.log(JSON.stringify({ ...comparison, figure }));
  else for (const line of [...linesOf(comparison), `figure: ${relative(process.cwd(), figure)}`]) console.log(line);
}

/** QuEE's curves of both runs as those of one, costs as in the first. */
function bothCurves(a: FinishedRun, b: FinishedRun, { costScale }: RunComparison): Results {
  const curves = [
    { run: a, scale: 1 },
    { run: b, scale: costScale },
  ].flatMap(({ run, scale }) =>
    run.results.curves
      .filter(({ method }) => method === "quee")
      .map(({ points, ...curve }) => ({
        ...curve,
        method: `QuEE, ${run.name}`,
        points: points.map((point) => ({ ...point, cost: point.cost * scale, costP95: point.costP95 * scale })),
      })),
  );
  const { comparison: _, shift: __, ...results } = a.results;
  return { ...results, curves };
}

/** For a terminal. */
function linesOf({ first, second, config, costScale, unpaired, pairs, curves }: RunComparison): readonly string[] {
  return [
    `${first} less ${second}, in points of accuracy at the same mean cost`,
    ...(config.length === 0
      ? ["the configs are the same"]
      : ["what differs in the configs:", ...config.map((line) => `  ${line}`)]),
    ...(Math.abs(costScale - 1) < 1e-12
      ? []
      : [
          `costs are fractions of the whole network of ${first}; that of ${second} costs ${costScale.toFixed(3)} of it`,
        ]),
    ...(unpaired === null
      ? pairs.map(({ method, whole, at }) => {
          const told = ({ difference, low, high, significant }: NonNullable<typeof whole>) =>
            `${signedPoints(difference)} (${signedPoints(low)} to ${signedPoints(high)})${significant ? " *" : ""}`;
          const all = whole === null ? "no cost in common" : `all common costs ${told(whole)}`;
          return `${methodName(method)}: ${[all, ...at.map((one) => `${shown(one.cost)} ${told({ ...one, from: one.cost, to: one.cost })}`)].join(", ")}`;
        })
      : [
          `no intervals: ${unpaired}`,
          ...curves.map(({ method, at }) => {
            const told = at.map((one) => `${shown(one.cost)} ${signedPoints(one.first - one.second)}`);
            return `${methodName(method)}: ${told.join(", ") || "no cost in common"}`;
          }),
        ]),
    ...(unpaired === null ? ["* the 95 % interval of a paired bootstrap does not hold zero"] : []),
  ];
}

function shown(cost: number): string {
  return `${Number((100 * cost).toFixed(1))} %:`;
}
