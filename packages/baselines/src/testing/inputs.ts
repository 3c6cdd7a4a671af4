import { bits, type PathSpace } from "@quee/core";
import type { RivalInputs } from "../rival/rival.js";
import { bitCosts } from "./bit-costs.js";
import { learnableTable } from "./learnable-table.js";

export const space: PathSpace = {
  levels: [bits(6), bits(8)],
  exitCount: 3,
  order: "monotone",
  firstBlock: "highest",
};

/** Train, validation and test tables of one learnable problem, and what `fit` takes. */
export function learnableInputs({ seed = 4, trainCount = 1500, count = 600, on = space } = {}) {
  const classCount = 3;
  const train = learnableTable("train", { space: on, count: trainCount, classCount, seed });
  const validation = learnableTable("validation", { space: on, count, classCount, seed });
  const test = learnableTable("test", { space: on, count, classCount, seed });
  const costs = bitCosts(on, validation.paths);
  const inputs: RivalInputs = { space: on, train, validation, costs, seed };
  return { inputs, test };
}
