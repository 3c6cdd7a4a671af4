import { fc, test } from "@fast-check/vitest";
import { constant, float, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { expect } from "vitest";
import { macsOf } from "./macs-of.js";

function graphOf(write: (builder: GraphBuilder) => string): Graph {
  const builder = new GraphBuilder("macs");
  builder.output(write(builder));
  return builder.build();
}

const weight = (b: GraphBuilder, ...shape: number[]) =>
  b.tensor("w", shape, new Float32Array(shape.reduce((all, dim) => all * dim, 1)));
const dim = fc.integer({ min: 1, max: 9 });

test.prop([dim, dim, dim])(
  "a linear layer costs its weight once per token, whatever the batch is called",
  (t, from, to) => {
    const graph = graphOf((b) => b.matMul(b.input("x", ["N", t, from]), weight(b, from, to), "y"));
    expect(macsOf(graph)).toEqual({ total: t * from * to, byNode: new Map([["y", t * from * to]]) });
  },
);

test.prop([dim, dim, dim])("attention products cost tokens² × width, heads together", (heads, t, d) => {
  const graph = graphOf((b) => {
    const q = b.input("q", ["batch", heads, t, d]);
    return b.matMul(b.softmax(b.matMul(q, b.transpose(q, [0, 1, 3, 2]), "scores")), q, "context");
  });
  expect(macsOf(graph).byNode.get("scores")).toBe(heads * t * t * d);
  expect(macsOf(graph).byNode.get("context")).toBe(heads * t * t * d);
});

test.prop([dim, dim, fc.boolean()])("a Gemm costs its weight, transposed or not", (from, to, transB) => {
  const graph = graphOf((b) =>
    b.add("Gemm", [b.input("x", ["batch", from]), transB ? weight(b, to, from) : weight(b, from, to)], {
      transB: transB ? 1 : 0,
    }),
  );
  expect(macsOf(graph).total).toBe(from * to);
});

test("a convolution costs its kernel at every position, over the channels of its group", () => {
  const conv = (group: number) =>
    graphOf((b) =>
      b.add("Conv", [b.input("x", ["batch", 4, 9, 9]), weight(b, 6, 4 / group, 3, 3)], {
        group,
        strides: [2, 2],
        kernel_shape: [3, 3],
      }),
    );
  expect(macsOf(conv(1)).total).toBe(16 * 6 * 4 * 9);
  expect(macsOf(conv(2)).total).toBe(16 * 6 * 2 * 9);
});

test("a convolution that only unfolds windows costs nothing", () => {
  const picks = Float32Array.from({ length: 2 * 4 * 4 }, (_, i) => (Math.floor(i / 4) % 4 === i % 4 ? 1 : 0));
  const graph = graphOf((b) => {
    const kernel = b.initializer("picks", constant([8, 1, 2, 2], picks));
    return b.add("Conv", [b.input("x", ["batch", 2, 4, 4]), kernel], { group: 2, kernel_shape: [2, 2] });
  });
  expect(macsOf(graph)).toEqual({ total: 0, byNode: new Map() });
});

test("an Einsum costs every combination of its letters", () => {
  const einsum = { kind: "string", value: "bti,bni->btn" } as const;
  const graph = graphOf((b) =>
    b.add("Einsum", [b.input("q", ["batch", 5, 3]), b.input("k", ["batch", 7, 3])], { equation: einsum }),
  );
  expect(macsOf(graph).total).toBe(5 * 7 * 3);
});

test("a sum of products of two activations is a dot product, a sum of squares is a norm", () => {
  const summed = (other: string) =>
    graphOf((b) => {
      for (const name of ["q", "k"]) b.input(name, ["batch", 5, 3]);
      return b.reduceSum(b.times("q", other), [-1], true, "sum");
    });
  expect(macsOf(summed("k"))).toEqual({ total: 15, byNode: new Map([["sum", 15]]) });
  expect(macsOf(summed("q")).total).toBe(0);
});

test("norms, softmax and element-wise operators cost nothing", () => {
  const graph = graphOf((b) => {
    const x = b.input("x", ["batch", 5, 4]);
    const norm = b.add("LayerNormalization", [x, weight(b, 4), weight(b, 4)], { epsilon: float(1e-6) });
    return b.plus(x, b.softmax(b.times(norm, b.add("Erf", [norm]))));
  });
  expect(macsOf(graph).total).toBe(0);
});

test("an operator of unknown shape is named", () => {
  const graph = graphOf((b) => b.matMul(b.add("Unheard", [b.input("x", ["batch", 3])]), weight(b, 3, 2), "product"));
  expect(() => macsOf(graph)).toThrow('MatMul "product": expected a known shape of');
});
