import { bits, type CostTable, type GateView, legalPaths, type Path, type PathSpace, pathKey } from "@quee/core";
import { createGates, type GateArchitecture, initialNetwork } from "@quee/gate-predictors";
import { queePolicy } from "@quee/router";
import { randomStream, softmaxRows } from "@quee/tensor";
import { bench, describe } from "vitest";

/** The gate behind the first block has most to choose from: every legal path. */
const first: Path = [bits(8)];
const sizes = [
  { exits: 3, words: "15 paths (4 levels, 3 exits), 10 classes", classCount: 10, hidden: 16 },
  { exits: 12, words: "1,365 paths (4 levels, 12 exits), 10 classes", classCount: 10, hidden: 16 },
  { exits: 5, words: "70 paths (4 levels, 5 exits), 1,000 classes", classCount: 1000, hidden: 32 },
];

describe.each(sizes)("a decision among $words", ({ exits, classCount, hidden }) => {
  const space: PathSpace = {
    levels: [8, 7, 6, 5].map(bits),
    exitCount: exits,
    order: "monotone",
    firstBlock: "highest",
  };
  const architecture: GateArchitecture = { reading: "A", embedding: 8, hidden, classCount, exitCount: exits };
  const networks = new Map([[2, initialNetwork(architecture, randomStream(1, "gate 2"))]]);
  const gates = createGates(architecture, space, networks);
  const costOf = (path: Path) => path.reduce((sum, level) => sum + level, 0) / (8 * exits);
  const costs: CostTable = {
    name: "bits",
    unit: "BitOPs",
    unitCost: 1,
    byPath: new Map(legalPaths(space).map((path) => [pathKey(path), costOf(path)])),
  };
  const policy = queePolicy({ predict: gates.predict, costs, lambda: 0.3, space });

  for (const count of [1, 32]) {
    const random = randomStream(count, "view");
    const logits = Float32Array.from({ length: count * classCount }, () => 3 * random.normal());
    const history = [softmaxRows({ shape: [count, classCount], data: logits }).data];
    const view: GateView = { prefix: first, count, classCount, history };
    bench(`predict, ${count} images`, () => {
      gates.predict(view);
    });
    bench(`predict and take the least, ${count} images`, () => {
      policy.decide(view);
    });
  }
});
