import { type AllRivalsOptions, allRivals, type Rival } from "@quee/baselines";
import type { Config } from "../config/schema.js";

/** Rivals that train networks; the others count and sort validation images. */
const trained: ReadonlySet<string> = new Set([
  "ensemble",
  "deferral",
  "deferral-probability",
  "jei-dnn",
  "jei-dnn-published",
  "dqnet-gate",
  "dqnet-gate-monotone",
]);

/** The rivals of a config, as much trained as QuEE's own heads and gates. @param errorTargets p̃e, for the oracle of targets */
export function configuredRivals(
  { rivals, heads, gates }: Pick<Config, "rivals" | "heads" | "gates">,
  errorTargets: AllRivalsOptions["errorTargets"],
): readonly Rival[] {
  const { learningRate, weightDecay, batchSize } = heads;
  return allRivals({
    errorTargets,
    jeiDnn: { learningRate, weightDecay, batchSize, warmUpEpochs: heads.maxEpochs },
    dqnetGate: {
      learningRate: gates.learningRate,
      weightDecay: gates.weightDecay,
      batchSize: gates.batchSize,
      maxEpochs: gates.maxEpochs,
      patience: gates.patience,
    },
  }).filter(({ name }) => {
    if (rivals === "all") return true;
    return rivals === "basic" ? !trained.has(name) : rivals.includes(name);
  });
}
