import { type Constant, evaluateNode, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { expectAllclose } from "@quee/tooling-testing";
import { describe, expect, test } from "vitest";
import { differentiate } from "./differentiate.js";

/** Computes the wanted values of a graph without onnxruntime, one node after the other. */
function evaluate(graph: Graph, feeds: Readonly<Record<string, Constant>>): (name: string) => Constant {
  const values = new Map([...graph.initializers, ...Object.entries(feeds)]);
  for (const node of graph.nodes) {
    const outputs = evaluateNode(
      node,
      node.inputs.map((name) => values.get(name) ?? null),
    );
    if (outputs === null) throw new Error(`cannot evaluate ${node.op}`);
    for (const [i, name] of node.outputs.entries()) values.set(name, outputs[i] as Constant);
  }
  return (name) => values.get(name) as Constant;
}

const float32 = (dims: readonly number[], ...values: number[]): Constant => {
  return { dtype: "float32", dims, data: Float32Array.from(values) };
};

/** loss = Σ (x·w + b)², x [batch, 2] */
function squares(): Graph {
  const builder = new GraphBuilder("squares");
  const product = builder.matMul(
    builder.input("x", ["batch", 2]),
    builder.tensor("w", [2, 3], Float32Array.of(1, 2, 3, -1, 0, 1)),
  );
  const sum = builder.plus(product, builder.tensor("b", [3], Float32Array.of(0.5, -1, 0)), "y");
  builder.add("ReduceSum", [builder.times(sum, sum)], { keepdims: 0 }, "loss");
  builder.output("loss", []);
  return builder.build();
}

const x = float32([2, 2], 1, 2, -1, 0.5);
// y = [1−2+½, 2−1, 3+2], [−1−½+½, −2−1, −3+½]; dy = 2y
const dY = [-1, 2, 10, -2, -6, -5];

describe("gradients by hand", () => {
  const { graph, gradients } = differentiate(squares(), { loss: "loss", withRespectTo: ["w", "b", "x", "y", "loss"] });
  const value = evaluate(graph, { x });
  const gradientOf = (name: string) => value(gradients.get(name) as string);

  test("of an inner activation, in its shape", () => {
    expect(gradientOf("y")).toEqual(float32([2, 3], ...dY));
  });

  test("of a bias: broadcasting is summed back", () => {
    expect(gradientOf("b")).toEqual(float32([3], -3, -4, 5));
  });

  test("of both sides of a product", () => {
    // xᵀ·dy and dy·wᵀ
    expect(gradientOf("x")).toEqual(float32([2, 2], -1 + 4 + 30, 1 + 10, -2 - 12 - 15, 2 - 5));
    expectAllclose(gradientOf("w").data as Float32Array, [-1 + 2, 2 + 6, 10 + 5, -2 - 1, 4 - 3, 20 - 2.5]);
  });

  test("of the loss itself: 1", () => {
    expect(gradientOf("loss")).toEqual(float32([], 1));
  });
});

describe("the graph that comes back", () => {
  test("begins with the nodes of the forward graph and has its inputs, outputs and initializers", () => {
    const forward = squares();
    const { graph } = differentiate(forward, { loss: "loss", withRespectTo: ["w"] });
    expect(graph.nodes.slice(0, forward.nodes.length)).toEqual(forward.nodes);
    expect([graph.inputs, graph.outputs]).toEqual([forward.inputs, forward.outputs]);
    for (const [name, constant] of forward.initializers) expect(graph.initializers.get(name)).toBe(constant);
  });

  test("has no node that no wanted gradient needs", () => {
    const forward = squares();
    const added = (wanted: string) => {
      const { graph, gradients } = differentiate(forward, { loss: "loss", withRespectTo: [wanted] });
      const read = new Set([...graph.nodes.flatMap(({ inputs }) => inputs), ...gradients.values()]);
      const backward = graph.nodes.slice(forward.nodes.length);
      for (const { outputs } of backward) expect(outputs.some((name) => read.has(name))).toBe(true);
      for (const name of graph.initializers.keys()) expect(read.has(name)).toBe(true);
      return backward.map(({ op }) => op);
    };
    // The gradient of the bias needs neither product of the matrices; a bias is no way to w.
    expect(added("b")).not.toContain("MatMul");
    expect(added("y")).not.toContain("ReduceSum");
    expect(added("w")).toContain("MatMul");
  });

  test("is the same for the same graph", () => {
    const options = { loss: "loss", withRespectTo: ["w", "b"] };
    expect(differentiate(squares(), options)).toEqual(differentiate(squares(), options));
  });

  test("adds up the gradients of a value that is read often", () => {
    const builder = new GraphBuilder("often");
    builder.input("x", [2]);
    const cube = builder.times("x", builder.times("x", "x"));
    builder.add("ReduceSum", [builder.plus(cube, "x")], { keepdims: 0 }, "loss");
    const { graph, gradients } = differentiate(builder.build(), { loss: "loss", withRespectTo: ["x"] });
    // 3x² + 1
    expect(evaluate(graph, { x: float32([2], 2, -3) })(gradients.get("x") as string)).toEqual(float32([2], 13, 28));
  });

  test("takes no gradient through integers", () => {
    const builder = new GraphBuilder("shapes");
    builder.input("x", ["batch", 4]);
    const shape = builder.add("Concat", [builder.add("Shape", ["x"]), builder.int64([1])], { axis: 0 });
    builder.add("ReduceSum", [builder.add("Reshape", ["x", shape])], { keepdims: 0 }, "loss");
    const { graph, gradients } = differentiate(builder.build(), { loss: "loss", withRespectTo: ["x"] });
    const gradient = evaluate(graph, { x: float32([1, 4], 1, 2, 3, 4) })(gradients.get("x") as string);
    expect(gradient).toEqual(float32([1, 4], 1, 1, 1, 1));
  });
});

describe("is refused with a reason", () => {
  const graphOf = (write: (builder: GraphBuilder) => string): Graph => {
    const builder = new GraphBuilder("refused");
    builder.input("x", ["batch", 4]);
    builder.input("indices", [2], "int64");
    builder.add("ReduceSum", [write(builder)], { keepdims: 0 }, "loss");
    return builder.build();
  };
  const attempt = (graph: Graph, options = {}) => {
    return () => differentiate(graph, { loss: "loss", withRespectTo: ["x"], ...options });
  };

  test("an operator without a rule, by node and name, when it lies on the way only", () => {
    const onTheWay = graphOf((b) => b.times(b.add("Sinh", ["x"], {}, "curve"), b.scalar(2)));
    expect(attempt(onTheWay)).toThrow(
      'node "curve" (Sinh): expected an operator with a rule of differentiation, got Sinh',
    );
    const beside = graphOf((b) => {
      b.add("Sinh", ["x"]);
      return "x";
    });
    expect(attempt(beside)).not.toThrow();
    expect(attempt(onTheWay)).toThrow(expect.objectContaining({ kind: "input", code: "E_NOT_DIFFERENTIABLE" }));
  });

  test("an operator of that name from another domain", () => {
    expect(attempt(graphOf((b) => b.add("com.example:Add", ["x", "x"])))).toThrow("rule of differentiation");
  });

  test("a body that reads a value on the way", () => {
    const branch: Graph = {
      ...new GraphBuilder("branch").build(),
      outputs: [{ name: "x", dtype: "float32", shape: null }],
    };
    const body = { kind: "graph", value: branch } as const;
    const graph = graphOf((b) =>
      b.add("If", [b.initializer("yes", { dtype: "bool", dims: [], data: Uint8Array.of(1) })], {
        then_branch: body,
        else_branch: body,
      }),
    );
    expect(attempt(graph)).toThrow("(If): expected an operator with a rule");
  });

  test("a value that does not lead to the loss", () => {
    const graph = graphOf((b) => b.add("Cast", [b.add("Cast", ["x"], { to: 7 })], { to: 1 }));
    expect(attempt(graph)).toThrow(
      'value "x": expected a way from it to the loss "loss" through float32 values, got none',
    );
  });

  test("a value that is not there or not float32", () => {
    const graph = graphOf(() => "x");
    expect(attempt(graph, { withRespectTo: ["z"] })).toThrow('value "z": expected float32, got no such value');
    expect(attempt(graph, { withRespectTo: ["indices"] })).toThrow('value "indices": expected float32, got int64');
  });

  test("a loss of more than one element", () => {
    expect(
      attempt(
        graphOf(() => "x"),
        { loss: "x" },
      ),
    ).toThrow('loss "x": expected a value of one element, got shape [batch, 4]');
  });

  test("an exponent, indices or a bound that would need a gradient of their own kind", () => {
    expect(attempt(graphOf((b) => b.add("Pow", [b.scalar(2), "x"])))).toThrow("expected a constant exponent");
    expect(attempt(graphOf((b) => b.add("Gather", ["x", "indices"], { axis: 1 })))).toThrow(
      "expected constant indices",
    );
    const bound = graphOf((b) => b.add("Clip", ["x", b.add("ReduceSum", ["x"], { keepdims: 0 })]));
    expect(attempt(bound)).toThrow("(Clip): expected a constant");
  });

  test("attributes of another kind, and inputs that are missing", () => {
    expect(attempt(graphOf((b) => b.add("Softmax", ["x"], { axis: "last" })))).toThrow(
      'attribute "axis" of kind int or float',
    );
    expect(attempt(graphOf((b) => b.add("Add", ["x"])))).toThrow("(Add): expected 2 inputs, got 1");
  });

  test("an operator set older than the rules", () => {
    const old = { ...graphOf(() => "x"), opsets: new Map([["", 12]]) };
    expect(attempt(old)).toThrow("opset: expected 13 or newer, got 12");
  });
});
