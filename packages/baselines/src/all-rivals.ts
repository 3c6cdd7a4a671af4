import { clairvoyantRival, errorTargetRival } from "./bounds/oracle-rivals.js";
import { randomRival } from "./bounds/random-rival.js";
import type { ConfidenceMeasure } from "./confidence.js";
import { deferralRival } from "./deferral/deferral-rival.js";
import { type DqnetGateOptions, dqnetGateRival } from "./dqnet-gate/dqnet-gate-rival.js";
import { ensembleRival } from "./ensemble/ensemble-rival.js";
import { budgetedRival } from "./exits/budgeted-rival.js";
import { calibratedRival } from "./exits/calibrated-rival.js";
import { patienceRival } from "./exits/patience-rival.js";
import { thresholdEnvelope } from "./exits/threshold-envelope.js";
import { thresholdRival } from "./exits/threshold-rival.js";
import { type JeiDnnOptions, jeiDnnRival } from "./jei-dnn/jei-dnn-rival.js";
import type { ErrorTargetOracleOptions } from "./oracle.js";
import type { Rival } from "./rival/rival.js";
import { staticHullRival } from "./statics/static-hull-rival.js";
import { staticPtqRival } from "./statics/static-ptq-rival.js";

export interface AllRivalsOptions {
  /** p̃e(f_π | x), for the oracle of error targets. */
  readonly errorTargets: ErrorTargetOracleOptions["errorTargets"];
  readonly jeiDnn?: Omit<JeiDnnOptions, "weighting">;
  readonly dqnetGate?: Omit<DqnetGateOptions, "order">;
}

const measures: readonly ConfidenceMeasure[] = ["maxProbability", "entropy", "margin", "sharpenedEntropy"];

/** Every rival, ceiling and floor of this package. A new one is a file of its own and a line here. */
export function allRivals({ errorTargets, jeiDnn = {}, dqnetGate = {} }: AllRivalsOptions): readonly Rival[] {
  return [
    staticPtqRival(),
    staticHullRival(),
    ...measures.map((measure) => thresholdRival(measure)),
    thresholdEnvelope("uniform"),
    thresholdEnvelope("static-paths"),
    budgetedRival(),
    patienceRival(),
    calibratedRival({ smoothed: false }),
    calibratedRival({ smoothed: true }),
    ensembleRival(),
    deferralRival({ gain: "correctness" }),
    deferralRival({ gain: "probability" }),
    jeiDnnRival({ ...jeiDnn, weighting: "as-described" }),
    jeiDnnRival({ ...jeiDnn, weighting: "published" }),
    dqnetGateRival({ ...dqnetGate, order: "any" }),
    dqnetGateRival({ ...dqnetGate, order: "monotone" }),
    clairvoyantRival(),
    errorTargetRival({ errorTargets }),
    randomRival(),
  ];
}
