import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { float, GraphBuilder } from "../builder.js";
import { cleanGraph } from "../clean-graph.js";
import type { Attribute, Graph } from "../graph.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { toOpset17 } from "./opset-17.js";

/** y as a function of x [2, 3, 4], at an opset. */
function graphAt(opset: number, write: (g: GraphBuilder, x: string) => string): Graph {
  const g = new GraphBuilder("versions");
  g.opset("", opset);
  g.output(write(g, g.input("x", [2, 3, 4])), null);
  return g.build();
}

const ints = (...value: readonly number[]): Attribute => ({ kind: "ints", value });

/** An old (or newer) spelling, and the same computation as opset 17 spells it. */
const pairs: readonly [
  name: string,
  opset: number,
  theirs: (g: GraphBuilder, x: string) => string,
  ours: (g: GraphBuilder, x: string) => string,
][] = [
  [
    "ReduceSum with axes as attribute",
    11,
    (g, x) => g.add("ReduceSum", [x], { axes: ints(1), keepdims: 0 }),
    (g, x) => g.reduceSum(x, [1], false),
  ],
  [
    "Unsqueeze with axes as attribute",
    9,
    (g, x) => g.add("Unsqueeze", [x], { axes: ints(0) }),
    (g, x) => g.add("Unsqueeze", [x, g.int64([0])]),
  ],
  [
    "Slice with attributes, until the end",
    9,
    (g, x) => g.add("Slice", [x], { starts: ints(1), ends: ints(2 ** 63), axes: ints(1) }),
    (g, x) => g.slice(x, 1, 1, 3),
  ],
  [
    "Split with sizes as attribute",
    12,
    (g, x) => g.addMany("Split", [x], 2, { axis: 2, split: ints(1, 3) })[1] as string,
    (g, x) => g.slice(x, 2, 1, 4),
  ],
  [
    "Split with a number of outputs",
    18,
    (g, x) => g.addMany("Split", [x], 2, { axis: 2, num_outputs: 2 })[1] as string,
    (g, x) => g.slice(x, 2, 2, 4),
  ],
  [
    "Softmax over the last axis by its old default",
    11,
    (g, x) => g.add("Softmax", [x], { axis: 2 }),
    (g, x) => g.softmax(x),
  ],
  [
    "ReduceMean with axes as input",
    18,
    (g, x) => g.add("ReduceMean", [x, g.int64([-1])]),
    (g, x) => g.reduceMean(x, [2]),
  ],
  [
    "Pad with axes",
    18,
    (g, x) => g.add("Pad", [x, g.int64([1, 2]), "", g.int64([-2])]),
    (g, x) => g.add("Pad", [x, g.int64([0, 1, 0, 0, 2, 0])]),
  ],
  [
    "Pad with attributes",
    9,
    (g, x) => g.add("Pad", [x], { pads: ints(0, 1, 0, 0, 2, 0), value: float(0.5) }),
    (g, x) => g.add("Pad", [x, g.int64([0, 1, 0, 0, 2, 0]), g.scalar(0.5)]),
  ],
];

test.each(pairs)("%s (opset %i) means the same in opset 17", (_, opset, theirs, ours) => {
  const converted = toOpset17.apply(graphAt(opset, theirs));
  expect(converted.opsets.get("")).toBe(17);
  const value = (graph: Graph) => {
    const output = graph.outputs[0]?.name as string;
    return interpret(graph, new Map([["x", ramp(2, 3, 4)]])).get(output);
  };
  const [actual, expected] = [value(converted), value(graphAt(17, ours))];
  expect(actual?.dims).toEqual(expected?.dims);
  expectAllclose(actual?.data as Float32Array, expected?.data as Float32Array);
});

test("Gelu is written out, in both of its forms", () => {
  for (const approximate of ["none", "tanh"]) {
    const converted = toOpset17.apply(graphAt(20, (g, x) => g.add("Gelu", [x], { approximate })));
    expect(opsOf(converted)).toContain(approximate === "none" ? "Erf" : "Tanh");
    const y = interpret(converted, new Map([["x", ramp(2, 3, 4)]])).get(converted.outputs[0]?.name as string);
    const gelu = (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    // The two forms differ by less than 5e-4.
    expectAllclose(y?.data as Float32Array, Float32Array.from(ramp(2, 3, 4).data as Float32Array, gelu), {
      rtol: 0,
      atol: approximate === "tanh" ? 1e-6 : 5e-4,
    });
  }
});

test.each([
  ["a Softmax over two axes at once", 11, (g: GraphBuilder, x: string) => g.add("Softmax", [x], { axis: 1 })],
  ["an operator that is not listed", 11, (g: GraphBuilder, x: string) => g.add("Upsample", [x])],
  [
    "axes that are computed",
    18,
    (g: GraphBuilder, x: string) => g.add("ReduceMean", [x, g.input("axes", [1], "int64")]),
  ],
])("%s keeps the graph as it is", (_, opset, write) => {
  const graph = graphAt(opset, write);
  expect(toOpset17.apply(graph)).toBe(graph);
});

test("opsets that nobody here knows stay", () => {
  for (const opset of [8, 26]) {
    const graph = graphAt(opset, (g, x) => g.add("Relu", [x]));
    expect(cleanGraph(graph)).toBe(graph);
  }
});
