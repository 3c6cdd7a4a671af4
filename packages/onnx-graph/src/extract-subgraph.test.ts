import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.js";
import { extractSubgraph } from "./extract-subgraph.js";
import type { Graph } from "./graph.js";
import { verifyGraph } from "./verify-graph.js";

/** x → a = x·W → b = relu(a) → y = b + a; z = neg(x) */
function whole(): Graph {
  const g = new GraphBuilder("whole");
  const x = g.input("x", ["batch", 3]);
  const a = g.matMul(x, g.tensor("W", [3, 2], new Float32Array(6)), "a");
  g.plus(g.add("Relu", [a], {}, "b"), a, "y");
  g.add("Neg", [x], {}, "z");
  g.output("y", ["batch", 2]);
  return g.build();
}

test("exactly the operators between, with shapes at the border and new names", () => {
  const part = extractSubgraph(whole(), {
    name: "part",
    inputs: [{ name: "a", rename: "hidden_states_in" }],
    outputs: [{ name: "y", rename: "hidden_states" }],
  });
  verifyGraph(part);
  expect(part.nodes.map(({ op }) => op)).toEqual(["Relu", "Add"]);
  expect(part.inputs).toEqual([{ name: "hidden_states_in", dtype: "float32", shape: ["batch", 2] }]);
  expect(part.outputs).toEqual([{ name: "hidden_states", dtype: "float32", shape: ["batch", 2] }]);
  expect(part.initializers.size).toBe(0);
  expect(part.nodes[1]?.inputs).toEqual(["b", "hidden_states_in"]);
});

test("the initializers of the part come along, the others do not", () => {
  const part = extractSubgraph(whole(), { name: "part", inputs: [{ name: "x" }], outputs: [{ name: "a" }] });
  expect([...part.initializers.keys()]).toEqual(["W"]);
});

test("an initializer can become an input", () => {
  const part = extractSubgraph(whole(), {
    name: "p",
    inputs: [{ name: "x" }, { name: "W" }],
    outputs: [{ name: "a" }],
  });
  expect(part.initializers.size).toBe(0);
  expect(part.inputs[1]).toEqual({ name: "W", dtype: "float32", shape: [3, 2] });
});

test("forgotten inputs, inputs that nothing needs and unknown values are errors that name them", () => {
  const cut = (inputs: string[], outputs: string[]) => () =>
    extractSubgraph(whole(), {
      name: "p",
      inputs: inputs.map((name) => ({ name })),
      outputs: outputs.map((name) => ({ name })),
    });
  expect(cut(["b"], ["y"])).toThrow('outputs that also need "x"');
  expect(cut(["x", "z"], ["y"])).toThrow('value "z": expected an input that an output needs');
  expect(cut(["ghost"], ["y"])).toThrow("ghost");
  expect(cut(["x"], ["ghost"])).toThrow("ghost");
});

test("an outside name that is taken inside, and one value under two names", () => {
  const part = extractSubgraph(whole(), {
    name: "part",
    inputs: [{ name: "x" }],
    outputs: [
      { name: "y", rename: "b" },
      { name: "y", rename: "again" },
    ],
  });
  verifyGraph(part);
  expect(part.outputs.map(({ name }) => name)).toEqual(["b", "again"]);
  expect(part.nodes.map(({ op, outputs }) => [op, ...outputs])).toEqual([
    ["MatMul", "a"],
    ["Relu", "b_1"],
    ["Add", "b"],
    ["Identity", "again"],
  ]);
});
