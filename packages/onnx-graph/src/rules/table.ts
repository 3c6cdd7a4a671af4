import type { Node } from "../graph.js";
import type { ShapeRule } from "./call.js";
import { convolutionRules } from "./convolutions.js";
import { creationRules } from "./creations.js";
import { elementwiseRules } from "./elementwise.js";
import { movementRules } from "./movements.js";
import { normalizationRules } from "./normalizations.js";
import { productRules } from "./products.js";
import { quantizationRules } from "./quantizations.js";
import { reductionRules } from "./reductions.js";

const rules = {
  ...elementwiseRules,
  ...productRules,
  ...reductionRules,
  ...normalizationRules,
  ...convolutionRules,
  ...movementRules,
  ...creationRules,
  ...quantizationRules,
} as const;

/** Operators whose output shapes we know; those of another domain carry it: `com.microsoft:Gelu`. */
export type ShapedOp = keyof typeof rules;

export const shapedOps: readonly ShapedOp[] = Object.keys(rules) as ShapedOp[];

// A map, so that an operator called "constructor" finds nothing.
const byName: ReadonlyMap<string, ShapeRule> = new Map(Object.entries(rules));

/** `domain:op`, or `op` alone in the ONNX domain (which has two spellings). */
export function qualifiedOp({ op, domain }: Pick<Node, "op" | "domain">): string {
  return domain === "" || domain === "ai.onnx" ? op : `${domain}:${op}`;
}

export function shapeRuleOf(node: Node): ShapeRule | undefined {
  return byName.get(qualifiedOp(node));
}
