import type { GradientWriter } from "../gradient-writer.js";
import { refusal } from "../refusal.js";
import { broadcasting, type Gradient, type VjpRule } from "../vjp-rule.js";

/** y = xᵖ, p constant  ⇒  dX = dY·p·xᵖ⁻¹ */
export const powRule = broadcasting<"Pow">((g, node, dY) => {
  const [x, p] = node.inputs;
  const exponent = g.constantOf(p);
  if (exponent === null) throw refusal(node, "a constant exponent", "a computed one");
  const { dims, values } = exponent;
  if (values.every((value) => value === 2)) return [g.times(dY, g.times(x, 2)), null];
  const lowered = g.add("Pow", [
    x,
    g.tensor(
      dims,
      values.map((value) => value - 1),
    ),
  ]);
  return [g.times(dY, g.times(lowered, g.tensor(dims, values))), null];
});

/** y = min(max(x, low), high)  ⇒  dX = dY where low ≤ x ≤ high; the bounds are constants. */
export const clipRule: VjpRule<"Clip"> = (g, { inputs: [x, low, high] }, dY) => {
  const bounds = [
    ...(low === undefined || low === "" ? [] : [g.add("GreaterOrEqual", [x, low])]),
    ...(high === undefined || high === "" ? [] : [g.add("LessOrEqual", [x, high])]),
  ];
  return [bounds.reduce((gradient, inside) => g.add("Where", [inside, gradient, g.scalar(0)]), dY)];
};

/** y = x·Φ(x)  ⇒  dX = dY·(Φ(x) + x·φ(x)). Hendrycks and Gimpel, Gaussian Error Linear Units (arXiv 1606.08415). */
export function geluRule(g: GradientWriter, x: string, dY: string): readonly Gradient[] {
  const erf = g.add("Erf", [g.times(x, Math.SQRT1_2)]);
  const cumulative = g.times(g.plus(erf, g.scalar(1)), 0.5);
  const density = g.times(g.add("Exp", [g.times(g.times(x, x), -0.5)]), 1 / Math.sqrt(2 * Math.PI));
  return [g.times(dY, g.plus(cumulative, g.times(x, density)))];
}
