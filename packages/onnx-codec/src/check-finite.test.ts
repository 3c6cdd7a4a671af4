import { type Constant, constant, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { describe, expect, test } from "vitest";
import { checkFinite } from "./index.js";

function withWeight(weight: Constant): Graph {
  const builder = new GraphBuilder("g");
  builder.input("x", [1]);
  builder.plus("x", builder.initializer("w", weight), "y");
  builder.output("y");
  return builder.build();
}

describe("checkFinite", () => {
  test.each<[string, Constant]>([
    ["float32", constant([3], Float32Array.of(0, -0, 1e-45))],
    ["float64", { dtype: "float64", dims: [1], data: Float64Array.of(1e308) }],
    ["float16", { dtype: "float16", dims: [1], data: Uint8Array.of(0xff, 0x7b) }],
    ["bfloat16", { dtype: "bfloat16", dims: [1], data: Uint8Array.of(0x7f, 0x7f) }],
    ["uint8", { dtype: "uint8", dims: [2], data: Uint8Array.of(0xff, 0xff) }],
    ["int64", { dtype: "int64", dims: [1], data: BigInt64Array.of(-1n) }],
  ])("accepts the largest and the least of %s", (_, weight) => {
    expect(() => checkFinite(withWeight(weight))).not.toThrow();
  });

  test.each<[string, Constant, string]>([
    ["NaN", constant([4], Float32Array.of(0, 1, Number.NaN, Number.NaN)), "2 of 4 NaN or infinite, the first at 2"],
    ["−∞", constant([1], Float32Array.of(Number.NEGATIVE_INFINITY)), "1 of 1 NaN or infinite, the first at 0"],
    [
      "a double ∞",
      { dtype: "float64", dims: [1], data: Float64Array.of(Infinity) },
      "1 of 1 NaN or infinite, the first at 0",
    ],
    [
      "a half ∞",
      { dtype: "float16", dims: [2], data: Uint8Array.of(0, 0, 0, 0x7c) },
      "1 of 2 NaN or infinite, the first at 1",
    ],
    [
      "a bfloat16 NaN",
      { dtype: "bfloat16", dims: [1], data: Uint8Array.of(0xc0, 0xff) },
      "1 of 1 NaN or infinite, the first at 0",
    ],
  ])("refuses %s and says how many and where", (_, weight, got) => {
    expect(() => checkFinite(withWeight(weight), { file: "m.onnx" })).toThrow(
      expect.objectContaining({
        kind: "numeric",
        code: "E_TENSOR_NOT_FINITE",
        file: "m.onnx",
        where: 'initializer "w"',
        got,
      }),
    );
  });

  test("looks into constants and branches", () => {
    const branch = new GraphBuilder("branch");
    branch.output(branch.add("Constant", [], { value: constant([1], Float32Array.of(Number.NaN)) }, "c"));
    const builder = new GraphBuilder("g");
    builder.input("x", [], "bool");
    builder.add("If", ["x"], { then_branch: { kind: "graph", value: branch.build() } }, "y");
    expect(() => checkFinite(builder.build())).toThrow(
      expect.objectContaining({ where: 'node "c" (Constant), attribute "value"' }),
    );
  });
});
