import type { GraphIndex } from "./graph-index.js";
import { normAt } from "./norms.js";
import { type Residual, residualAt } from "./residual.js";

/**
 * One half of a layer: y = x + f(x), or norm(x + f(x)) in a post-norm network (Vaswani et al., arXiv 1706.03762, section 3.1). Norms
 * inside f are f's own. null where a value is made in another way.
 */
export function layerResidual(index: GraphIndex, value: string): Residual | null {
  const plain = residualAt(index, value);
  if (plain !== null) return plain;
  const norm = normAt(index, value);
  const inside = norm === null ? null : residualAt(index, norm.input);
  return norm === null || inside === null ? null : { ...inside, nodes: new Set([...inside.nodes, ...norm.nodes]) };
}

/** Whether a value is norm(x + f(x)) of a network whose x is such a sum too: the norm is the layer's, not one for the head. */
export function isPostNorm(index: GraphIndex, value: string): boolean {
  const own = normAt(index, value);
  const mlp = own === null ? null : residualAt(index, own.input);
  const before = mlp === null ? null : normAt(index, mlp.stream);
  return before !== null && residualAt(index, before.input) !== null;
}
