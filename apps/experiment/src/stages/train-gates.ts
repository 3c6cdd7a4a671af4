import type { ErrorTargets } from "@quee/error-target-clustering";
import { type Gates, gatesSchema, gatesToJson, parseGates, trainGates } from "@quee/gate-predictors";
import { type Fingerprinted, pathSpaceOf, type Run, runStage } from "../run/run.js";
import type { Tables } from "./collect.js";
import { extraFeatures, learnedAndStopping, learnt } from "./gate-choices.js";

/** Predictors of the probability of error of every way to go on, one network per gate. */
export async function fitGates(run: Run, tables: Tables & Fingerprinted, targets: ErrorTargets & Fingerprinted) {
  const { seed, gates } = run.config;
  const space = pathSpaceOf(run.config);
  const { embedding, targets: wanted, images, features, ...settings } = gates;
  return runStage<Gates>(run, {
    name: "train-gates",
    version: 1,
    inputs: { tables: tables.fingerprint, targets: targets.fingerprint, gates, space, seed },
    async produce(draft, progress) {
      const epochs = gates.maxEpochs * (space.exitCount - 1);
      const estimator = learnt[wanted](targets);
      const [learned, stopping] =
        images === "train" ? [tables.train, tables.validation] : learnedAndStopping(tables.validation, seed);
      const trained = await trainGates({
        train: learned,
        validation: stopping,
        targets: (path, table) => estimator.estimate(path, table),
        space,
        extraFeatures: extraFeatures[features],
        ...settings,
        ...(gates.reading === "B" ? {} : { embedding }),
        seed,
        signal: run.signal,
        onEpoch: ({ gate, epoch }) =>
          progress.update((gate - 2) * gates.maxEpochs + epoch + 1, epochs, "epochs at most"),
      });
      await draft.writeJson("gates.json", gatesSchema, gatesToJson(trained));
    },
    load: async (entry) => parseGates(await entry.readJson("gates.json", gatesSchema)),
    describe: ({ networks }) => `${networks.size} gates`,
  });
}
