import type { VjpRule } from "../vjp-rule.js";

/**
 * Y = A·B  ⇒  dA = dY·Bᵀ, dB = Aᵀ·dY, each over the broadcast batch axes. A vector takes part as a row (A) or a column (B)
 * and gives its axis back afterwards.
 */
export const matMulRule: VjpRule<"MatMul"> = (g, { inputs: [a, b], outputs: [y] }, dY) => {
  const [shapeA, shapeB] = [g.shapeOf(a), g.shapeOf(b)];
  const [isRow, isColumn] = [shapeA.length === 1, shapeB.length === 1];
  const [rankA, rankB] = [Math.max(2, shapeA.length), Math.max(2, shapeB.length)];
  const batch = g.shapeOf(y).slice(0, Math.max(rankA, rankB) - 2);
  const matrixA = isRow ? g.unsqueeze(a, [0]) : a;
  const matrixB = isColumn ? g.unsqueeze(b, [1]) : b;
  const missing = [...(isRow ? [-2] : []), ...(isColumn ? [-1] : [])];
  const matrixY = missing.length > 0 ? g.unsqueeze(dY, missing) : dY;

  const dA = g.matMul(matrixY, g.swapLast(matrixB, rankB));
  const gradientA = { value: isRow ? g.squeeze(dA, [-2]) : dA, broadcastTo: [...batch, ...shapeA.slice(-2)] };

  const [rows, columns] = shapeB;
  if (rankA > 2 && !isColumn && shapeB.length === 2 && typeof rows === "number" && typeof columns === "number") {
    // One product over all rows: summing a weight gradient per image afterwards would cost B times its memory.
    const flatA = g.reshape(a, [-1, rows]);
    const flatY = g.reshape(dY, [-1, columns]);
    return [gradientA, g.add("Gemm", [flatA, flatY], { transA: 1 })];
  }
  const dB = g.matMul(g.swapLast(matrixA, rankA), matrixY);
  return [gradientA, { value: isColumn ? g.squeeze(dB, [-1]) : dB, broadcastTo: [...batch, ...shapeB.slice(-2)] }];
};

/** Y = α·A'·B' + β·C, where ' transposes if asked to  ⇒  dA' = α·dY·B'ᵀ, dB' = α·A'ᵀ·dY, dC = β·dY */
export const gemmRule: VjpRule<"Gemm"> = (g, { inputs: [a, b], outputs: [y], attributes }, dY) => {
  const { alpha, beta, transA, transB } = attributes;
  const product = (left: string, right: string, transposeLeft: number, transposeRight: number) =>
    g.times(g.add("Gemm", [left, right], { transA: transposeLeft, transB: transposeRight }), alpha);
  return [
    transA === 0 ? product(dY, b, 0, 1 - transB) : product(b, dY, transB, 1),
    transB === 0 ? product(a, dY, 1 - transA, 0) : product(dY, a, 1, transA),
    { value: g.times(dY, beta), broadcastTo: g.shapeOf(y) },
  ];
};
