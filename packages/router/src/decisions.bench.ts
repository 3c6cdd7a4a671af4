import { bits, type CostTable, type GateView, legalPaths, type PathSpace, pathKey, startsWith } from "@quee/core";
import { createPathTable } from "@quee/path-tables";
import { randomStream, softmaxRows, tensor } from "@quee/tensor";
import { bench, describe } from "vitest";
import { foresee } from "./foresee.js";
import { lambdaGrid } from "./lambda-grid.js";
import type { Predict } from "./predictions.js";
import { queePolicy } from "./quee-policy.js";
import { type LambdaSweep, sweepLambda } from "./sweep-lambda.js";
import { violationRate } from "./violation-rate.js";

const levels = [5, 6, 7, 8].map(bits);
const classCount = 10;

function costsOf(space: PathSpace): CostTable {
  const most = 8 * space.exitCount;
  const byPath = new Map(legalPaths(space).map((path) => [pathKey(path), path.reduce((sum, b) => sum + b, 0) / most]));
  return { name: "mean bits", unit: "BitOPs", unitCost: most, byPath };
}

/** Errors that were drawn beforehand: what is timed is the router. */
function drawnPredictor(space: PathSpace, rows: number): Predict {
  const random = randomStream(1, "errors");
  const paths = legalPaths(space);
  const byPrefix = new Map(
    paths.map((prefix) => {
      const candidates = paths.filter((path) => startsWith(path, prefix));
      const predictedError = Float32Array.from({ length: rows * candidates.length }, () => random.uniform());
      return [pathKey(prefix), { candidates, predictedError }];
    }),
  );
  return ({ prefix, count }) => {
    const found = byPrefix.get(pathKey(prefix));
    if (found === undefined) throw new Error(pathKey(prefix));
    const { candidates, predictedError } = found;
    return { candidates, predictedError: predictedError.subarray(0, count * candidates.length) };
  };
}

const spaceOf = (exitCount: number, firstBlock: "highest" | "any"): PathSpace => ({
  levels,
  exitCount,
  order: "monotone",
  firstBlock,
});

describe.each([
  { exitCount: 3, paths: 15 },
  { exitCount: 12, paths: 1365 },
])("decisions at the second gate, $paths paths", ({ exitCount }) => {
  const space = spaceOf(exitCount, "highest");
  const policy = queePolicy({ predict: drawnPredictor(space, 32), costs: costsOf(space), lambda: 0.3, space });
  for (const count of [1, 32]) {
    const history = [new Float32Array(count * classCount).fill(1 / classCount)];
    const view: GateView = { prefix: [bits(8)], count, classCount, history };
    bench(`batch of ${count}`, () => {
      policy.decide(view);
    });
  }
});

describe("the curve on 5,000 images and 34 paths", () => {
  const space = spaceOf(3, "any");
  const count = 5000;
  const random = randomStream(2, "table");
  const logits = () => Float32Array.from({ length: count * classCount }, () => 2 * random.normal());
  const paths = legalPaths(space);
  const table = createPathTable({
    role: "validation",
    classCount,
    labels: Int32Array.from({ length: count }, () => random.below(classCount)),
    paths,
    probabilities: paths.map(() => softmaxRows(tensor([count, classCount], logits())).data),
  });
  const costs = costsOf(space);
  const predict = drawnPredictor(space, count);
  // One batch, as the drawn predictor begins at its first row every time it is asked.
  const foresight = foresee(predict, table, { space, batchSize: count });
  bench("foresee: every gate asked once", () => {
    foresee(predict, table, { space, batchSize: count });
  });
  bench("every λ at which anything changes, from each of 4 first levels", () => {
    for (const firstBits of levels) sweepLambda(foresight, { costs, firstBits });
  });
  const sweep = sweepLambda(foresight, { costs });
  bench("61 λ read off a sweep", () => {
    for (const lambda of lambdaGrid()) sweep.routeAt(lambda);
  });
});

describe("500 certificates on halves of 5,000 images, each with up to 61 λ", () => {
  const count = 5000;
  const random = randomStream(3, "images");
  const reference = new Uint8Array(count).fill(1);
  const luck = Float64Array.from({ length: count }, () => random.uniform());
  const routes = new Map(
    lambdaGrid().map((lambda) => [lambda, Uint8Array.from(luck, (u) => (u < 0.01 * Math.min(lambda, 5) ? 0 : 1))]),
  );
  const point = { setting: 0, from: 0, firstBits: bits(8), top1: 1, cost: 1, coverage: 1 };
  const sweep: LambdaSweep = {
    ...{ role: "test", count, paths: [], points: [point] },
    pointAt: () => point,
    routeAt: (lambda) => ({
      ...{ exit: "replayed", policy: "drawn", exitCount: 1 },
      ...{ pathIndex: new Int32Array(count), prediction: new Int32Array(count) },
      correct: routes.get(lambda) ?? reference,
    }),
  };
  bench("violationRate", () => {
    violationRate({ sweep, reference, tolerance: 0.02, alpha: 0.1, random: randomStream(4, "resplits") });
  });
});
