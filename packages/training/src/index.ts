export { type Adam, adam } from "./adam.js";
export { binaryCrossEntropy } from "./binary-cross-entropy.js";
export { type CosineSchedule, cosineSchedule } from "./cosine-schedule.js";
export {
  createTrainStep,
  type StepResult,
  type TrainState,
  type TrainStep,
  type TrainStepOptions,
} from "./create-train-step.js";
export { type Best, type EarlyStopping, earlyStopping } from "./early-stopping.js";
export { type EpochReport, type FitOptions, type FitResult, fit } from "./fit.js";
export { type CrossEntropyOptions, crossEntropy, meanSquaredError } from "./losses.js";
export { type MinibatchOptions, minibatches } from "./minibatches.js";
export { gatherRows, oneHot } from "./rows.js";
export { rowsInMemory, rowsWithin, type SampleRows } from "./sample-rows.js";
export {
  type ConsecutiveSamples,
  type SampleWindows,
  type SampleWindowsOptions,
  sampleWindows,
} from "./sample-windows.js";
