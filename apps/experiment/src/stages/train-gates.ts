import { type ErrorTargets, targetsOf } from "@quee/error-target-clustering";
import { type Gates, gatesSchema, gatesToJson, parseGates, trainGates } from "@quee/gate-predictors";
import { type Fingerprinted, pathSpaceOf, type Run, runStage } from "../run/run.js";
import type { Tables } from "./collect.js";

/** Predictors of the probability of error of every way to go on, one network per gate. */
export async function fitGates(run: Run, tables: Tables & Fingerprinted, targets: ErrorTargets & Fingerprinted) {
  const { seed, gates } = run.config;
  const space = pathSpaceOf(run.config);
  const { embedding, ...settings } = gates;
  return runStage<Gates>(run, {
    name: "train-gates",
    version: 1,
    inputs: { tables: tables.fingerprint, targets: targets.fingerprint, gates, space, seed },
    async produce(draft, progress) {
      const epochs = gates.maxEpochs * (space.exitCount - 1);
      const trained = await trainGates({
        train: tables.train,
        validation: tables.validation,
        targets: (path, table) => targetsOf(targets, path, table),
        space,
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
