export { type BettingTerms, bettingPValue } from "./betting-p-value.js";
export {
  type Certificate,
  type CertificateStep,
  type CertificateTerms,
  type CertifyOptions,
  certifyLambda,
} from "./certify-lambda.js";
export type { Among, ChoiceOptions, Refusal } from "./choices.js";
export { firstBitsByErrorRate, firstBitsByRouting } from "./choose-first-bits.js";
export { decide } from "./decide.js";
export { type Candidate, type Explanation, explainDecision } from "./explain-decision.js";
export { explanationLines } from "./explanation-lines.js";
export type { FirstBitsOptions } from "./first-bits.js";
export { type FirstGate, type FirstGateStep, firstBitsAt } from "./first-gate.js";
export { firstGateByRouting } from "./first-gate-by-routing.js";
export { type ForeseenGate, type ForeseeOptions, type Foresight, foresee } from "./foresee.js";
export type { GateRuleOptions } from "./gate-rule.js";
export { lambdaGrid } from "./lambda-grid.js";
export { lambdasAlongCurve } from "./lambdas-along-curve.js";
export { type NextStepPolicyOptions, nextStepPolicy, type StepPredictions } from "./next-step-policy.js";
export { type NextStepOptions, type NextStepTargets, nextSteps, nextStepTargets } from "./next-step-targets.js";
export { type OperatingPoint, operatingPointForAccuracy, operatingPointForBudget } from "./operating-point.js";
export type { Predict, Predictions } from "./predictions.js";
export { type QueePolicyOptions, queePolicy } from "./quee-policy.js";
export { type ResampleOptions, resampledCandidates, sampledCandidates } from "./sampled-candidates.js";
export { type LambdaChoice, lambdaForAccuracy, lambdaForBudget } from "./solve-lambda.js";
export { sweepBehind, sweepsByFirstBits } from "./sweep-behind.js";
export { type LambdaSweep, type SweepOptions, sweepLambda } from "./sweep-lambda.js";
export type { SweepPoint } from "./sweep-points.js";
export { inHalves, type ViolationRate, type ViolationRateOptions, violationRate } from "./violation-rate.js";
