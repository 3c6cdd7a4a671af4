import { bits, type PathSpace } from "@quee/core";
import { bench, describe } from "vitest";
import { trainClosedLoopOn } from "./closed-loop/train-closed-loop.js";
import { prepareGateData } from "./gate-data.js";
import { type GateSettings, trainGates, trainGatesOn } from "./train-gates.js";
import { bitCosts, randomTable } from "./views.test.fixture.js";
import { wrongness } from "./wrongness.js";

/** CIFAR-10: 20,000 images to train on, 5,000 to stop by, 4 levels and 3 exits: 15 paths, 29 pairs at 2 gates. */
const space: PathSpace = {
  levels: [8, 7, 6, 5].map(bits),
  exitCount: 3,
  order: "monotone",
  firstBlock: "highest",
};
const tables = {
  train: randomTable("train", 20_000, 10, 1),
  validation: randomTable("validation", 5_000, 10, 2),
  space,
};
const settings: GateSettings = { targets: wrongness, seed: 1, maxEpochs: 2, patience: 2 };

describe("two epochs of every gate of CIFAR-10", () => {
  const shared = prepareGateData(tables);
  const once = { iterations: 3, warmupIterations: 1, time: 0, warmupTime: 0 };
  bench(
    "features computed for this training",
    async () => {
      await trainGates({ ...tables, ...settings });
    },
    once,
  );
  bench(
    "features that many trainings share",
    async () => {
      await trainGatesOn(shared, settings);
    },
    once,
  );
  bench(
    "closed loop at 24 λ, shared features",
    async () => {
      await trainClosedLoopOn(shared, { ...settings, costs: bitCosts(space) });
    },
    once,
  );
});
