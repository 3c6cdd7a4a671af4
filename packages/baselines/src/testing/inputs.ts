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
export function learnableInputs({ seed = 4, trainCount = 1500, count = 600 } = {}) {
  const classCount = 3;
  const train = learnableTable("train", { space, count: trainCount, classCount, seed });
  const validation = learnableTable("validation", { space, count, classCount, seed });
  const test = learnableTable("test", { space, count, classCount, seed });
  const inputs: RivalInputs = { space, train, validation, costs: bitCosts(space, validation.paths), seed };
  return { inputs, test };
}
