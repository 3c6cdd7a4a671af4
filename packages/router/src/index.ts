export { decide } from "./decide.js";
export { type Candidate, type ExplainOptions, type Explanation, explainDecision } from "./explain-decision.js";
export { lambdaGrid } from "./lambda-grid.js";
export { type OperatingPoint, operatingPointForBudget } from "./operating-point.js";
export type { Predict, Predictions } from "./predictions.js";
export { type QueePolicyOptions, queePolicy } from "./quee-policy.js";
