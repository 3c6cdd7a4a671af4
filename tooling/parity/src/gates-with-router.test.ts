import { bits, type CostTable, costOf, legalPaths, type Path, type PathSpace, type Policy, pathKey } from "@quee/core";
import { trainClosedLoop, trainNextStep } from "@quee/gate-predictors";
import { createPathTable, type PathTable, replay } from "@quee/path-tables";
import { nextStepPolicy, nextStepTargets, queePolicy } from "@quee/router";
import { expect, test } from "vitest";

/**
 * Two exits at one level. A third of the images err at exit 1 and say so; of those, exit 2 gets half right, and it gets right
 * whatever exit 1 got right. What an image will do at exit 2 cannot be seen at exit 1.
 */
const space: PathSpace = { levels: [bits(8)], exitCount: 2, order: "monotone", firstBlock: "highest" };
const paths = legalPaths(space);
const costs: CostTable = {
  name: "blocks",
  unit: "BitOPs",
  unitCost: 1,
  byPath: new Map(paths.map((path) => [pathKey(path), path.length / 2])),
};
const tableOf = <Role extends "train" | "validation" | "test">(role: Role, count: number): PathTable<Role> =>
  createPathTable({
    role,
    classCount: 2,
    labels: new Int32Array(count),
    paths,
    probabilities: paths.map(({ length }) =>
      Float32Array.from({ length: 2 * count }, (_, at) => {
        const i = at >> 1;
        const isHard = i % 3 === 0;
        const isWrong = isHard && (length === 1 || i % 2 === 0);
        const right = isWrong ? 0.4 : isHard ? 0.6 : 0.95;
        return at % 2 === 0 ? right : 1 - right;
      }),
    ),
  });
const tables = { train: tableOf("train", 1200), validation: tableOf("validation", 300), space };
const settings = { batchSize: 100, maxEpochs: 25, patience: 5, learningRate: 1e-2, seed: 1 };
const test300 = tableOf("test", 300);

/** Mean of 1[wrong] + λ·cost, and the images that go on. */
function outcome(policy: Policy, lambda: number): { loss: number; onward: number } {
  const { pathIndex, correct } = replay(policy, test300, { space, firstAction: { kind: "continue", bits: bits(8) } });
  const lossOf = (p: number, i: number) => 1 - (correct[i] ?? 0) + lambda * costOf(costs, test300.paths[p] as Path);
  const losses = Array.from(pathIndex, lossOf);
  return { loss: losses.reduce((sum, loss) => sum + loss, 0) / 300, onward: pathIndex.filter((p) => p === 1).length };
}

/** To go on costs λ/2 and mends half of what is hard: worth it there while λ < 1, and never where it is easy. */
const least = (lambda: number) => (lambda < 1 ? 1 / 6 + lambda * (1 / 2 + 1 / 6) : 1 / 3 + lambda / 2);

test("closed-loop gates stand where the router asks for predictions, and one training is best at every λ", async () => {
  const loop = await trainClosedLoop({ ...tables, ...settings, costs });
  for (const lambda of [0.05, 0.3, 0.8, 1.25, 3]) {
    const policy = queePolicy({ predict: loop.predictorFor(lambda), costs, lambda, space });
    expect(outcome(policy, lambda).loss, `λ = ${lambda}`).toBeCloseTo(least(lambda), 6);
  }
});

test("next-best-step gates learn what the router aims at", async () => {
  const lambda = 0.5;
  const wrongAlong = (table: Pick<PathTable, "probabilities" | "count">) => (path: Path) =>
    Float32Array.from({ length: table.count }, (_, i) => ((table.probabilities(path)[2 * i] ?? 0) < 0.5 ? 1 : 0));
  const gates = await trainNextStep({
    ...{ ...tables, ...settings },
    lossesOf: (prefix, table) => nextStepTargets(prefix, { space, costs, lambda, targetsOf: wrongAlong(table) }),
  });
  const policy = nextStepPolicy({ predict: (view) => gates.predict(view), space, costs, lambda });
  expect(outcome(policy, lambda)).toEqual({ loss: expect.closeTo(least(lambda), 6), onward: 100 });
});
