import { expect, test } from "vitest";
import { type AttributeValue, float, GraphBuilder } from "../builder.js";
import { cleanGraph } from "../clean-graph.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { gemmToMatMul } from "./gemm-to-mat-mul.js";

/** Tokens [batch, 5, 4] as rows through a Gemm to [batch, 5, 3]. */
function rows(attributes: Readonly<Record<string, AttributeValue>>, to: readonly number[] = [-1, 5, 3]) {
  const g = new GraphBuilder("rows");
  const x = g.reshape(g.input("x", ["batch", 5, 4]), [-1, 4]);
  const weight = g.initializer("w", attributes["transB"] === 1 ? ramp(3, 4) : ramp(4, 3));
  g.output(g.reshape(g.add("Gemm", [x, weight, g.initializer("b", ramp(3))], attributes), to, "y"));
  return g.build();
}

test.each([0, 1])("a Gemm of rows (transB %i) is a MatMul and an Add of tokens", (transB) => {
  const clean = cleanGraph(rows({ transB }));
  expect(opsOf(clean)).toEqual(["MatMul", "Add"]);
  const x = ramp(2, 5, 4);
  const y = interpret(clean, new Map([["x", x]])).get("y");
  expect(y?.dims).toEqual([2, 5, 3]);
  const [w, b] = [transB === 1 ? ramp(3, 4) : ramp(4, 3), ramp(3)].map(({ data }) => data as Float32Array);
  for (let row = 0; row < 10; row++) {
    for (let k = 0; k < 3; k++) {
      let sum = b?.[k] as number;
      for (let d = 0; d < 4; d++)
        sum += Number(x.data[row * 4 + d]) * (w?.[transB === 1 ? k * 4 + d : d * 3 + k] as number);
      expect(Number(y?.data[row * 3 + k])).toBeCloseTo(sum, 5);
    }
  }
});

test.each<[string, ReturnType<typeof rows>]>([
  ["scales", rows({ alpha: float(0.5) })],
  ["is laid out otherwise behind", rows({}, [-1, 3])],
])("a Gemm that %s stays", (_, graph) => {
  expect(gemmToMatMul.apply(graph)).toBe(graph);
});
