import {
  calibratedRival,
  deferralRival,
  dqnetGateRival,
  ensembleRival,
  errorTargetRival,
  jeiDnnRival,
  type Rival,
  type RivalInputs,
  thresholdRival,
} from "@quee/baselines";
import { pathKey } from "@quee/core";

/** One of each kind of reading, with as few epochs as read everything once. */
function shortRivals(errorTargets: Parameters<typeof errorTargetRival>[0]["errorTargets"]): readonly Rival[] {
  const [few, short] = [{ count: 5 }, { batchSize: 128, maxEpochs: 1 }];
  return [
    thresholdRival("sharpenedEntropy", few),
    calibratedRival({ ...few, smoothed: false }),
    ensembleRival({ ...few, batchSize: 128, epochs: 1 }),
    deferralRival(short),
    jeiDnnRival({ batchSize: 128, warmUpEpochs: 1, lambdas: [0.1] }),
    dqnetGateRival({ ...short, alphas: [0], order: "monotone" }),
    errorTargetRival({ errorTargets }),
  ];
}

/** Fits rivals of every kind on tables in files, and replays a setting of each on validation images: others read the same. */
export async function measureRivals(
  inputs: Omit<RivalInputs, "costs" | "seed">,
  errorTargets: Parameters<typeof errorTargetRival>[0]["errorTargets"],
): Promise<void> {
  const { exitCount, levels } = inputs.space;
  const unitCost = exitCount * Math.max(...levels);
  const byPath = new Map(
    inputs.train.paths.map((path) => [pathKey(path), path.reduce((sum, bits) => sum + bits, 0) / unitCost]),
  );
  const costs: RivalInputs["costs"] = () => ({ name: "bits of blocks", unit: "BitOPs", unitCost, byPath });
  for (const rival of shortRivals(errorTargets)) {
    const { settings } = await rival.fit({ ...inputs, costs, seed: 1 });
    inputs.signal?.throwIfAborted();
    settings[settings.length >> 1]?.replay(inputs.validation);
  }
}
