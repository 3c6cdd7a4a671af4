import { refusal } from "../refusal.js";
import type { VjpRule } from "../vjp-rule.js";

/** y = softmax(x)  ⇒  dX = y ∘ (dY − Σ dY∘y) along the axis */
export const softmaxRule: VjpRule<"Softmax"> = (g, { outputs: [y], attributes: { axis } }, dY) => [
  g.times(y, g.minus(dY, g.sum(g.times(dY, y), [axis]))),
];

/** y = log softmax(x)  ⇒  dX = dY − exp(y)·Σ dY along the axis */
export const logSoftmaxRule: VjpRule<"LogSoftmax"> = (g, { outputs: [y], attributes: { axis } }, dY) => [
  g.minus(dY, g.times(g.add("Exp", [y]), g.sum(dY, [axis]))),
];

/**
 * y = γ∘x̂ + β with x̂ = (x − mean x)/σ over the last axes
 * ⇒  dX = (dX̂ − mean dX̂ − x̂∘mean(dX̂∘x̂))/σ with dX̂ = γ∘dY;  dγ = Σ dY∘x̂, dβ = Σ dY.
 * Ba et al., Layer Normalization (arXiv 1607.06450), section 3. σ is computed again: the forward node stays as it was.
 */
export const layerNormalizationRule: VjpRule<"LayerNormalization"> = (g, node, dY, dOutputs) => {
  const {
    inputs: [x, scale],
    attributes: { axis, epsilon },
  } = node;
  if (dOutputs.slice(1).some((gradient) => gradient !== null)) {
    throw refusal(node, "a loss that uses the first output only", "one that uses Mean or InvStdDev");
  }
  const shape = g.shapeOf(x);
  const first = axis < 0 ? axis + shape.length : axis;
  const axes = Array.from({ length: shape.length - first }, (_, i) => first + i);
  const centred = g.minus(x, g.mean(x, axes));
  const variance = g.mean(g.times(centred, centred), axes);
  const deviation = g.add("Sqrt", [g.plus(variance, g.scalar(epsilon))]);
  const normal = g.over(centred, deviation);
  const dNormal = g.times(dY, scale);
  const along = g.times(normal, g.mean(g.times(dNormal, normal), axes));
  const dX = g.over(g.minus(g.minus(dNormal, g.mean(dNormal, axes)), along), deviation);
  return [dX, { value: g.times(dY, normal), broadcastTo: shape }, { value: dY, broadcastTo: shape }];
};
