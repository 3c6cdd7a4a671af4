import { QueeError } from "@quee/core";
import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.js";
import type { Graph, Node } from "./graph.js";
import { verifyGraph } from "./verify-graph.js";

function valid(): Graph {
  const g = new GraphBuilder("valid");
  const x = g.input("x", ["batch", 4]);
  g.plus(g.add("Relu", [x], {}, "r"), g.scalar(1), "y");
  g.output("y");
  return g.build();
}

function node(op: string, inputs: readonly string[], outputs: readonly string[]): Node {
  return { name: `the ${op}`, op, domain: "", inputs, outputs, attributes: new Map() };
}

function failure(graph: Graph): QueeError {
  try {
    verifyGraph(graph);
  } catch (error) {
    expect(error).toBeInstanceOf(QueeError);
    return error as QueeError;
  }
  throw new Error("the graph passed");
}

test("a valid graph passes, absent optional inputs and outputs included", () => {
  verifyGraph(valid());
  verifyGraph({ ...valid(), nodes: [...valid().nodes, node("Dropout", ["y", "", ""], ["z", ""])] });
});

const broken: readonly (readonly [string, string, string, (graph: Graph) => Graph])[] = [
  ["no outputs", "E_GRAPH_OUTPUT", 'graph "valid"', (g) => ({ ...g, outputs: [] })],
  [
    "an output nobody produces",
    "E_GRAPH_OUTPUT",
    'output "nowhere"',
    (g) => ({ ...g, outputs: [{ name: "nowhere", dtype: "float32", shape: null }] }),
  ],
  [
    "an output named twice",
    "E_GRAPH_DUPLICATE",
    'output "y"',
    (g) => ({ ...g, outputs: [...g.outputs, ...g.outputs] }),
  ],
  ["an input named twice", "E_GRAPH_DUPLICATE", 'input "x"', (g) => ({ ...g, inputs: [...g.inputs, ...g.inputs] })],
  [
    "a value made twice",
    "E_GRAPH_DUPLICATE",
    'node "the Neg" (Neg), output "r"',
    (g) => ({ ...g, nodes: [...g.nodes, node("Neg", ["x"], ["r"])] }),
  ],
  [
    "a value that one node makes twice",
    "E_GRAPH_DUPLICATE",
    'node "the Split" (Split), output "a"',
    (g) => ({ ...g, nodes: [...g.nodes, node("Split", ["x"], ["a", "a"])] }),
  ],
  [
    "a value that overwrites an initializer",
    "E_GRAPH_DUPLICATE",
    'node "the Neg" (Neg), output "scalar"',
    (g) => ({ ...g, nodes: [...g.nodes, node("Neg", ["x"], ["scalar"])] }),
  ],
  [
    "an unknown input",
    "E_GRAPH_VALUE",
    'node "the Neg" (Neg), input "ghost"',
    (g) => ({ ...g, nodes: [...g.nodes, node("Neg", ["ghost"], ["z"])] }),
  ],
  [
    "a value read before it is made",
    "E_GRAPH_ORDER",
    'node "the Neg" (Neg), input "y"',
    (g) => ({ ...g, nodes: [node("Neg", ["y"], ["z"]), ...g.nodes] }),
  ],
  [
    "a cycle",
    "E_GRAPH_CYCLE",
    'node "the Neg" (Neg), input "b"',
    (g) => ({ ...g, nodes: [...g.nodes, node("Neg", ["b"], ["a"]), node("Abs", ["a"], ["b"])] }),
  ],
  [
    "a node that reads its own output",
    "E_GRAPH_CYCLE",
    'node "the Neg" (Neg), input "a"',
    (g) => ({ ...g, nodes: [...g.nodes, node("Neg", ["a"], ["a"])] }),
  ],
  [
    "an empty input name",
    "E_GRAPH_NAME",
    'input ""',
    (g) => ({ ...g, inputs: [...g.inputs, { name: "", dtype: "float32", shape: null }] }),
  ],
  [
    "a value named __proto__",
    "E_GRAPH_NAME",
    'node "the Neg" (Neg), output "__proto__"',
    (g) => ({ ...g, nodes: [...g.nodes, node("Neg", ["x"], ["__proto__"])] }),
  ],
  [
    "an initializer with a NUL in its name",
    "E_GRAPH_NAME",
    "initializer",
    (g) => ({ ...g, initializers: new Map([["a\0b", { dtype: "float32", dims: [0], data: new Float32Array() }]]) }),
  ],
  [
    "a name of more than 64 k characters",
    "E_GRAPH_NAME",
    "node",
    (g) => ({ ...g, nodes: [...g.nodes, node("Neg", ["x"], ["n".repeat(65_537)])] }),
  ],
  [
    "a constant that does not fill its shape",
    "E_GRAPH_CONSTANT",
    'initializer "short"',
    (g) => ({
      ...g,
      initializers: new Map([
        ...g.initializers,
        ["short", { dtype: "float32", dims: [2, 3], data: new Float32Array(5) }],
      ]),
    }),
  ],
];

test.each(broken)("%s is refused", (_, code, place, breakIt) => {
  const error = failure(breakIt(valid()));
  expect(error.kind).toBe("input");
  expect(error.code).toBe(code);
  expect(error.where).toContain(place);
});

test("a body sees the values around it, and only those", () => {
  const bodyReading = (name: string): Graph => {
    const body = new GraphBuilder("then");
    body.add("Neg", [name], {}, "inner");
    body.output("inner");
    const g = GraphBuilder.from(valid());
    g.input("condition", [], "bool");
    g.add("If", ["condition"], { then_branch: { kind: "graph", value: body.build() } }, "z");
    return g.build();
  };
  verifyGraph(bodyReading("y"));
  expect(failure(bodyReading("ghost")).where).toContain("ghost");
});
