import { QueeError } from "@quee/core";
import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.js";
import { inferShapes } from "./infer-shapes.js";

function shapesOf(write: (g: GraphBuilder) => void): Record<string, unknown> {
  const g = new GraphBuilder("test");
  write(g);
  return Object.fromEntries([...inferShapes(g.build())].map(([name, { shape }]) => [name, shape]));
}

test("an exporter's reshape to (batch, tokens, width) keeps the symbolic batch", () => {
  const shapes = shapesOf((g) => {
    const x = g.input("x", ["batch", 17, 4, 64]);
    const shape = g.add("Shape", [x], {}, "shape");
    const zero = g.initializer("zero", { dtype: "int64", dims: [], data: BigInt64Array.of(0n) });
    const one = g.initializer("one", { dtype: "int64", dims: [], data: BigInt64Array.of(1n) });
    const batch = g.add("Gather", [shape, zero], { axis: 0 }, "b");
    const tokens = g.add("Gather", [shape, one], { axis: 0 }, "t");
    const target = g.add(
      "Concat",
      [g.add("Unsqueeze", [batch, g.int64([0])]), g.add("Unsqueeze", [tokens, g.int64([0])]), g.int64([256])],
      { axis: 0 },
    );
    g.add("Reshape", [x, target], {}, "tokens");
    g.add(
      "Reshape",
      [x, g.add("Concat", [g.int64([-1]), g.add("Slice", [shape, g.int64([2]), g.int64([2 ** 31])])], { axis: 0 })],
      {},
      "flat",
    );
  });
  expect(shapes["tokens"]).toEqual(["batch", 17, 256]);
  expect(shapes["flat"]).toEqual(["17*batch", 4, 64]);
});

test("the expand idiom (ConstantOfShape, Mul −1, Equal, Where) gives the expanded shape", () => {
  const shapes = shapesOf((g) => {
    const x = g.input("x", ["batch", 16, 256]);
    const token = g.tensor("token", [1, 1, 256], new Float32Array(256));
    const batch = g.add("Slice", [g.add("Shape", [x]), g.int64([0]), g.int64([1])]);
    const wanted = g.add("Concat", [batch, g.int64([-1, -1])], { axis: 0 });
    const ones = g.add("ConstantOfShape", [g.int64([3])], {
      value: { dtype: "int64", dims: [1], data: BigInt64Array.of(1n) },
    });
    const minus = g.add("Mul", [ones, g.initializer("m", { dtype: "int64", dims: [], data: BigInt64Array.of(-1n) })]);
    g.add("Expand", [token, g.add("Where", [g.add("Equal", [wanted, minus]), ones, wanted])], {}, "tokens");
    g.add("Concat", ["tokens", x], { axis: 1 }, "all");
  });
  expect(shapes["tokens"]).toEqual(["batch", 1, 256]);
  expect(shapes["all"]).toEqual(["batch", 17, 256]);
});

test("an operator without a rule gives an unknown shape and inference goes on", () => {
  const shapes = shapesOf((g) => {
    const x = g.input("x", ["batch", 4]);
    g.add("acme:Frobnicate", [x], {}, "y");
    g.add("constructor", [x], {}, "z");
    g.add("Relu", [x], {}, "r");
    g.plus("y", x, "sum");
  });
  expect(shapes).toMatchObject({ y: null, z: null, sum: null, r: ["batch", 4] });
});

test("axes may be an attribute (before opset 13) or an input", () => {
  const shapes = shapesOf((g) => {
    const x = g.input("x", ["batch", 1, 6]);
    g.add("ReduceSum", [x], { axes: [2], keepdims: 0 }, "old");
    g.reduceSum(x, [-1], false, "new");
    g.add("Squeeze", [x], { axes: [1] }, "oldSqueeze");
    g.add("Squeeze", [x, g.int64([1])], {}, "newSqueeze");
    g.addMany("Split", [x], 2, { axis: 2, split: [4, 2] }, ["a", "b"]);
    g.addMany("Split", [x, g.int64([4, 2])], 2, { axis: 2 }, ["c", "d"]);
    g.addMany("Split", [x], 2, { axis: 2 }, ["e", "f"]);
  });
  expect(shapes).toMatchObject({
    old: ["batch", 1],
    new: ["batch", 1],
    oldSqueeze: ["batch", 6],
    newSqueeze: ["batch", 6],
    a: ["batch", 1, 4],
    d: ["batch", 1, 2],
    f: ["batch", 1, 3],
  });
});

test("products, convolutions and einsum of a ViT", () => {
  const shapes = shapesOf((g) => {
    const image = g.input("image", ["batch", 3, 64, 64]);
    const q = g.input("q", ["batch", 4, 17, 64]);
    g.add(
      "Conv",
      [image, g.tensor("w", [192, 3, 16, 16], new Float32Array(192 * 768))],
      { strides: [16, 16] },
      "patches",
    );
    g.add(
      "Conv",
      [image, g.tensor("v", [27, 1, 3, 3], new Float32Array(243))],
      { strides: [2, 2], pads: [1, 1, 1, 1], group: 3 },
      "columns",
    );
    g.matMul(q, g.transpose(q, [0, 1, 3, 2]), "scores");
    g.add("Einsum", [q, q], { equation: "bhtd,bhsd->bhts" }, "einsum");
    g.addMany("LayerNormalization", [q, "s", "b"], 3, { axis: -1 }, ["y", "mean", "inv"]);
    g.add(
      "ConvTranspose",
      ["columns", g.tensor("u", [27, 1, 3, 3], new Float32Array(243))],
      { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1], group: 3 },
      "back",
    );
  });
  expect(shapes).toMatchObject({
    patches: ["batch", 192, 4, 4],
    columns: ["batch", 27, 32, 32],
    scores: ["batch", 4, 17, 17],
    einsum: ["batch", 4, 17, 17],
    inv: ["batch", 4, 17, 1],
    back: ["batch", 3, 64, 64],
  });
});

test("shapes that contradict each other are an input error that names the node", () => {
  const write = (g: GraphBuilder) => {
    g.matMul(g.input("a", ["batch", 3]), g.input("b", [4, 5]), "product");
  };
  expect(() => shapesOf(write)).toThrow(QueeError);
  expect(() => shapesOf(write)).toThrow('node "product" (MatMul): expected equal inner dimensions');
});
