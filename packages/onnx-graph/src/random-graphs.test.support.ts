import { QueeError } from "@quee/core";
import fc from "fast-check";
import { GraphBuilder } from "./builder.js";
import { evaluateNode } from "./evaluate/evaluate-node.js";
import type { Constant, Graph } from "./graph.js";
import { ramp } from "./interpret.test.support.js";

/** A graph with one input `x` ["batch", 2, 3] and a value for it with this batch: no other dimension is 5. */
export const batch = 5;

export interface RandomGraph {
  readonly graph: Graph;
  readonly feeds: ReadonlyMap<string, Constant>;
}

/** Picks that a step turns into operators and operands. */
interface Step {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly flag: boolean;
}

type Writer = (g: GraphBuilder, a: string, b: string, step: Step, rank: number) => string;

const shapeOf = (g: GraphBuilder, x: string) => g.add("Shape", [x]);
/** A dimension as exporters read it: Shape, Gather, Unsqueeze. */
const dimOf = (g: GraphBuilder, x: string, axis: number) => {
  const index = g.initializer(g.fresh("index"), { dtype: "int64", dims: [], data: BigInt64Array.of(BigInt(axis)) });
  return g.add("Unsqueeze", [g.add("Gather", [shapeOf(g, x), index], { axis: 0 }), g.int64([0])]);
};
const int64 = (value: number): Constant => ({ dtype: "int64", dims: [1], data: BigInt64Array.of(BigInt(value)) });

const writers: readonly Writer[] = [
  (g, a, _, { b }) => g.add(["Relu", "Neg", "Sigmoid", "Tanh", "Identity", "Abs", "Erf"][b % 7], [a]),
  (g, a, b, step) => g.add(["Add", "Sub", "Mul", "Max", "Min"][(step.a + step.b) % 5], [a, b]),
  (g, a, b) => g.add("Add", [a, b]),
  (g, a) => g.add("Dropout", [a]),
  (g, a) => g.add("Cast", [a], { to: 1 }),
  (g, a, _, { b, flag }, rank) => {
    const perm = Array.from({ length: rank }, (_unused, i) => (i + b) % Math.max(1, rank));
    return g.transpose(a, flag ? perm : perm.reverse());
  },
  // Flattened behind the batch, whose size comes from the shape.
  (g, a) => g.add("Reshape", [a, g.add("Concat", [dimOf(g, a, 0), g.int64([-1])], { axis: 0 })]),
  (g, a) => g.reshape(a, [0, -1]),
  (g, a, _, { b }) => g.add("Unsqueeze", [a, g.int64([b % 2])]),
  (g, a) => g.add("Squeeze", [a, g.int64([-1])]),
  (g, a, _, { b, flag }, rank) => g.reduceSum(a, [b % Math.max(1, rank)], flag),
  (g, a, _, { b, flag }, rank) => {
    const axis = b % Math.max(1, rank);
    const sum = g.add("ReduceMean", [a], { axes: [axis], keepdims: flag ? 1 : 0 });
    return g.add("Unsqueeze", [sum, g.int64([axis])]);
  },
  // A sum spread over the width again, as performers do.
  (g, a, _, __, rank) => {
    const repeats = g.int64(Array.from({ length: rank }, (_unused, i) => (i === rank - 1 ? 3 : 1)));
    const spread = g.add("Tile", [g.reduceSum(a, [-1]), repeats]);
    return g.over(g.plus(spread, g.scalar(0.5)), g.scalar(2));
  },
  // A constant token spread over the batch, before or behind.
  (g, a, _, { flag }) => {
    const token = g.initializer(g.fresh("token"), ramp(1, 1, 3));
    const spread = g.add("Expand", [token, g.add("Concat", [dimOf(g, a, 0), g.int64([1, 3])], { axis: 0 })]);
    return g.add("Concat", flag ? [spread, a] : [a, spread], { axis: 1 });
  },
  // ConstantOfShape, Equal, Where: the exporter's way to expand with −1.
  (g, a, _, __, rank) => {
    const wanted = g.add("Concat", [dimOf(g, a, 0), g.int64(Array<number>(rank - 1).fill(-1))], { axis: 0 });
    const ones = g.add("ConstantOfShape", [g.int64([rank])], { value: int64(1) });
    const minus = g.add("Mul", [ones, g.int64([-1])]);
    return g.add("Expand", [a, g.add("Where", [g.add("Equal", [wanted, minus]), ones, wanted])]);
  },
  (g, a, _, { b }) => g.slice(a, -1, b % 2, 3),
  (g, a, _, { b }) => g.addMany("Split", [a, g.int64([1, 2])], 2, { axis: -1 })[b % 2],
  (g, a) => g.matMul(a, g.initializer(g.fresh("w"), ramp(3, 3))),
  (g, a, b) => g.add("Concat", [a, b], { axis: 1 }),
  (g, a, _, { b }) => {
    const index = g.add("Constant", [], { value: { dtype: "int64", dims: [], data: BigInt64Array.of(BigInt(b % 2)) } });
    return g.add("Gather", [a, index], { axis: 1 });
  },
  (g, a) => g.times(a, g.add("Exp", [g.add("Constant", [], { value: ramp(3) })])),
  (g, a) => g.softmax(a),
  (g, a) => g.add("Flatten", [a]),
  (g, a, _, { b }) => g.add("Pad", [a, g.int64(b % 2 === 0 ? [0, 0, 0, 0, 0, 0] : [0, 1, 0, 0, 0, 2])]),
  // The product with itself, as duplicates that exporters leave.
  (g, a) => g.plus(g.times(a, a), g.times(a, a)),
];

/** Steps that do not fit what is there so far (shapes, ranks) are left out; the rest is a valid graph by construction. */
function build(steps: readonly Step[]): RandomGraph {
  let g = new GraphBuilder("random");
  g.input("x", ["batch", 2, 3]);
  const feeds = new Map([["x", ramp(batch, 2, 3)]]);
  let values: Map<string, Constant> = new Map(feeds);
  let floats = ["x"];
  for (const step of steps) {
    const tried = GraphBuilder.from(g.build());
    const before = g.build();
    const [a, b] = [step.a, step.b].map((pick) => floats[floats.length - 1 - (pick % floats.length)]);
    const rank = values.get(a)?.dims.length ?? 0;
    if (rank === 0) continue;
    const made = writers[step.kind % writers.length](tried, a, b, step, rank);
    const next = valuesAfter(tried.build(), before.nodes.length, values);
    if (next === null || (next.get(made)?.data.length ?? 0) > 400) continue;
    g = tried;
    values = next;
    floats = [...floats, made];
  }
  for (const name of new Set(floats.slice(-3))) if (name !== "x") g.output(name, null);
  if (floats.length === 1) g.output(g.add("Identity", ["x"]), null);
  return { graph: g.build(), feeds };
}

/** The values with those of the operators from `from` on; null when one does not fit. */
function valuesAfter(graph: Graph, from: number, values: ReadonlyMap<string, Constant>): Map<string, Constant> | null {
  const next = new Map([...graph.initializers, ...values]);
  for (const node of graph.nodes.slice(from)) {
    try {
      const inputs = node.inputs.map((name) => next.get(name) ?? null);
      const made = evaluateNode(node, inputs);
      if (made === null) return null;
      for (const [i, value] of made.entries()) next.set(node.outputs[i], value);
    } catch (error) {
      if (error instanceof QueeError && error.code === "E_GRAPH_SHAPE") return null;
      throw error;
    }
  }
  return next;
}

const natural = fc.nat({ max: 1000 });

/** Small graphs in the style of exporters. */
export const randomGraphs: fc.Arbitrary<RandomGraph> = fc
  .array(fc.record({ kind: natural, a: natural, b: natural, flag: fc.boolean() }), { minLength: 1, maxLength: 14 })
  .map(build);
