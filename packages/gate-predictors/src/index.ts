export { type GateArchitecture, type GateChains, gateMacs, type Reading } from "./architecture.js";
export type { ArchitectureChoice } from "./architecture-choice.js";
export { type CalibrateGatesOptions, calibrateGates } from "./calibrate-gates.js";
export type { Calibrator } from "./calibrator.js";
export { type ClosedLoop, createClosedLoop } from "./closed-loop/closed-loop.js";
export type { LambdaRange } from "./closed-loop/encode-step.js";
export { type ClosedLoopJson, closedLoopSchema, closedLoopToJson, parseClosedLoop } from "./closed-loop/json.js";
export {
  type ClosedLoopSettings,
  type ClosedLoopTraining,
  type TrainClosedLoopOptions,
  trainClosedLoop,
  trainClosedLoopOn,
} from "./closed-loop/train-closed-loop.js";
export { type CrossFitOptions, type CrossFittedGates, crossFitGates } from "./cross-fit-gates.js";
export { dealFolds } from "./deal-folds.js";
export { encodePath, type PathEncoding } from "./encode-path.js";
export type { ErrorReport, ErrorScores } from "./error-scores.js";
export type { ExtraFeature } from "./extra-features.js";
export type { GateCalibration } from "./gate-calibration.js";
export { type GateData, type PrepareGateDataOptions, prepareGateData } from "./gate-data.js";
export { type GateDiagnostics, type GateDiagnosticsOptions, gateDiagnostics } from "./gate-diagnostics.js";
export { gateFeatureCount, gateFeatures } from "./gate-features.js";
export { type GateReport, type GateReportOptions, gateReports } from "./gate-reports.js";
export { createGates, type Gates, type Prediction } from "./gates.js";
export { type GatesJson, gatesSchema, gatesToJson, parseGates } from "./json.js";
export { narrowGates } from "./narrow-gates.js";
export { type DenseLayer, type GateNetwork, initialNetwork, parametersOf } from "./network.js";
export { type NextStepJson, nextStepSchema, nextStepToJson, parseNextStep } from "./next-step/json.js";
export type { NextStepGates } from "./next-step/next-step-gates.js";
export {
  type NextStepSettings,
  type StepLosses,
  type TrainNextStepOptions,
  trainNextStep,
  trainNextStepOn,
} from "./next-step/train-next-step.js";
export { type GatePair, type GatePairs, gatePairs } from "./pairs.js";
export { type Predictor, preparePredictor } from "./predictor.js";
export type { ProbabilityTable } from "./probability-table.js";
export type { TableTargets } from "./remembered.js";
export { type FitTokenProjectionsOptions, fitTokenProjections, type TokenProjection } from "./token-projection.js";
export {
  type GateEpoch,
  type GateSettings,
  type GateTraining,
  type TrainGatesOptions,
  trainGates,
  trainGatesOn,
} from "./train-gates.js";
export type { GateLoss } from "./training-graph.js";
export type { TrainingSettings } from "./training-settings.js";
