export { type CostTable, costOf } from "./costs.js";
export {
  assertNever,
  type ErrorFacts,
  type ErrorKind,
  fromPlainError,
  type PlainError,
  QueeError,
  show,
  toPlainError,
} from "./errors.js";
export {
  type Bits,
  bits,
  legalPaths,
  nextLevels,
  type Path,
  type PathKey,
  type PathSpace,
  parsePathKey,
  pathKey,
  startsWith,
  uniformPaths,
} from "./paths.js";
export type { Action, GateView, Policy } from "./policies.js";
export { type SamplePathsOptions, samplePaths } from "./sample-paths.js";
export type { Split, SplitRole } from "./splits.js";
