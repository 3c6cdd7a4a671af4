import { correctAlong } from "@quee/path-tables";
import { expect, test } from "vitest";
import { allRivals } from "./all-rivals.js";
import { type FittedRival, fitRival } from "./rival/fit-rival.js";
import { learnableInputs } from "./testing/inputs.js";
import { storedCopy } from "./testing/stored.js";

/** No multiple of batches, so that these do not fall together with parts. */
const partSize = 70;
const { inputs } = learnableInputs({ trainCount: 1000, count: 400 });
const rivals = allRivals({
  errorTargets: (path, table) =>
    Float32Array.from(correctAlong(table, path), (hit, i) => Math.min(1, 1 - hit / 2 + (i % 7) / 30)),
  jeiDnn: { lambdas: [0.1, 1], warmUpEpochs: 8, batchSize: 50 },
  dqnetGate: { alphas: [0, 0.05], maxEpochs: 8, batchSize: 50 },
});
const trained = rivals.filter(({ name }) => /ensemble|deferral|jei-dnn|dqnet/.test(name));

/** Without mixtures that part at block 1: their lots fall by the place in a view, and views of files are parts. */
const numbersOf = ({ points }: FittedRival) =>
  points
    .filter(({ setting }) => !/^6 or /.test(String(setting)))
    .map(({ setting, top1, cost, chosen }) => ({ setting, top1, cost, chosen }));
const best = ({ points }: FittedRival) => Math.max(...points.map(({ top1 }) => top1));

test.each(rivals.map((rival) => [rival.name, rival] as const))(
  "%s on tables in files is what it is on tables in memory, and reads them part by part",
  async (_, rival) => {
    const [train, validation] = [storedCopy(inputs.train, partSize), storedCopy(inputs.validation, partSize)];
    const stored = { ...inputs, train: train.table, validation: validation.table };
    expect(numbersOf(await fitRival(rival, stored))).toEqual(numbersOf(await fitRival(rival, inputs)));
    for (const { mostRows } of [train, validation]) expect(mostRows()).toBeLessThanOrEqual(partSize);
  },
);

test.each(trained.map((rival) => [rival.name, rival] as const))(
  "%s learns window by window where samples do not fit, as well, and the same each time",
  async (_, rival) => {
    const memoryBytes = 4 * 20 * 2 * partSize;
    const fit = async () => {
      const [train, validation] = [storedCopy(inputs.train, partSize), storedCopy(inputs.validation, partSize)];
      const fitted = await fitRival(rival, {
        ...inputs,
        ...{ train: train.table, validation: validation.table, memoryBytes },
      });
      for (const { mostRows } of [train, validation]) expect(mostRows()).toBeLessThanOrEqual(partSize);
      return fitted;
    };
    const [first, second, inMemory] = [await fit(), await fit(), await fitRival(rival, inputs)];
    expect(numbersOf(first)).toEqual(numbersOf(second));
    expect(numbersOf(first)).not.toEqual(numbersOf(inMemory));
    expect(Math.abs(best(first) - best(inMemory))).toBeLessThan(0.03);
  },
);
