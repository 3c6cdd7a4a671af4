import type { Operands } from "./dims.js";

/** Multiply-accumulates of one operator, per image. */
type MacRule = (operands: Operands) => number;

const product = (dims: readonly number[]) => dims.reduce((all, dim) => all * dim, 1);

/** [..., m, k]·[..., k, n]: every number that comes out sums k products. */
const matMul: MacRule = ({ input, output }) => product(output(0)) * (input(0).at(-1) as number);

/** Every number that comes out sums over the kernel and the channels of its group; the kernel is [to, from/group, …]. */
const convolution: MacRule = ({ input, output }) => product(output(0)) * product(input(1).slice(1));

/** QLinearConv has scale and zero point behind the image, so its kernel is input 3. */
const quantizedConvolution: MacRule = ({ input, output }) => product(output(0)) * product(input(3).slice(1));

/**
 * Operators that multiply and add; all others count nothing (norms, softmax, GELU, residuals: see README). The integer
 * operators count like the float ones that they stand for.
 */
export const macRules: ReadonlyMap<string, MacRule> = new Map<string, MacRule>([
  ["MatMul", matMul],
  ["MatMulInteger", matMul],
  ["MatMulIntegerToFloat", matMul],
  ["DynamicQuantizeMatMul", matMul],
  ["QLinearMatMul", matMul],
  [
    "FusedMatMul",
    ({ node, input, output }) => product(output(0)) * (input(0).at(isSet(node, "transA") ? -2 : -1) as number),
  ],
  ["Gemm", ({ node, input, output }) => product(output(0)) * (input(0).at(isSet(node, "transA") ? 0 : 1) as number)],
  ["Conv", convolution],
  ["ConvInteger", convolution],
  ["QLinearConv", quantizedConvolution],
  ["Einsum", einsum],
]);

/** Every combination of the letters is one product; with one operand nothing is multiplied. */
function einsum({ node, input }: Operands): number {
  const equation = node.attributes.get("equation");
  const terms = equation?.kind === "string" ? (equation.value.split("->")[0] ?? "").replaceAll(" ", "").split(",") : [];
  if (terms.length < 2) return 0;
  const sizes = new Map(
    terms.flatMap((term, i) => [...term].map((letter, axis) => [letter, input(i)[axis] ?? 1] as const)),
  );
  return product([...sizes.values()]);
}

function isSet(node: Operands["node"], attribute: string): boolean {
  const value = node.attributes.get(attribute);
  return value?.kind === "int" && value.value === 1;
}
