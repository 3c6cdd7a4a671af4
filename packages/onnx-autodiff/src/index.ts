export { type Differentiated, type DifferentiateOptions, differentiate } from "./differentiate.js";
export type { GradientWriter } from "./gradient-writer.js";
export { type DifferentiableOp, differentiableOps, type NodeOf } from "./operators.js";
export type { Gradient, VjpRule } from "./vjp-rule.js";
export { vjpRules } from "./vjp-rules.js";
