import { type Graph, GraphBuilder, type Node, renameValues } from "@quee/onnx-graph";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { analyzeVit } from "./anatomy.js";
import { cutBlocks } from "./cut-blocks.js";
import { D, exportedVit, HEADS, K, plain, T } from "./exported-vit.test.fixture.js";

const dialects = [
  plain,
  { ...plain, qkv: "separate" },
  { ...plain, layerScale: true },
  { ...plain, classToken: "before-norm" },
  { ...plain, stem: "token-transformer", depth: 3 },
  { ...plain, stem: "token-transformer", qkv: "separate", layerScale: true, classToken: "before-norm", depth: 1 },
] as const;

test.each(dialects)("dialect %#: every layer is found with its parts", (dialect) => {
  const graph = exportedVit(dialect);
  const anatomy = analyzeVit(graph);
  expect(anatomy).toMatchObject({
    tokens: T,
    width: D,
    heads: HEADS,
    classCount: K,
    pooling: [{ kind: "token", index: 0 }],
    featureWidth: D,
    imageShape: [3, 8, 8],
  });
  expect(anatomy.layers).toHaveLength(dialect.depth);
  const [first] = anatomy.layers;
  expect(first?.input).toBe(anatomy.stemOutput);
  expect(anatomy.layers.at(-1)?.output).toBe(streamBeforeHead(graph));
  for (const [i, layer] of anatomy.layers.entries()) {
    expect(layer.qkv).toHaveLength(dialect.qkv === "stacked" ? 1 : 3);
    if (i > 0) expect(layer.input).toBe(anatomy.layers[i - 1]?.output);
  }
});

/** The last layer's output: what the final norm or the choice of the class token reads. */
function streamBeforeHead(graph: Graph): string | undefined {
  const last = graph.nodes.slice(-3).find(({ op }) => op === "LayerNormalization" || op === "Gather");
  return last?.inputs[0];
}

test("the parts of a layer are the operators that play them", () => {
  const graph = exportedVit(plain);
  const [layer] = analyzeVit(graph).layers;
  const node = (name: string | undefined) => graph.nodes.find((candidate) => candidate.name === name) as Node;
  const weightOf = (name: string | undefined) => graph.initializers.get(node(name).inputs[1] as string)?.dims;
  expect(weightOf(layer?.qkv[0])).toEqual([D, 3 * D]);
  expect(weightOf(layer?.projection)).toEqual([D, D]);
  expect(weightOf(layer?.fc1)).toEqual([D, 12]);
  expect(weightOf(layer?.fc2)).toEqual([12, D]);
  expect(graph.nodes.find(({ op }) => op === "Softmax")?.outputs[0]).toBe(node(layer?.context).inputs[0]);
});

test("names do not matter", () => {
  const graph = exportedVit(plain);
  const values = graph.nodes.flatMap(({ outputs }) => outputs).filter((name) => name !== "logits");
  const renamed = renameValues(graph, new Map(values.map((name, i) => [name, `v${(i * 7919) % 10007}`])));
  const scrambled = { ...renamed, nodes: renamed.nodes.map((node, i) => ({ ...node, name: `n${(i * 31) % 1009}` })) };
  const shape = (anatomy: ReturnType<typeof analyzeVit>) => anatomy.layers.map(({ nodes }) => nodes.size);
  expect(shape(analyzeVit(scrambled))).toEqual(shape(analyzeVit(graph)));
});

test("the head comes as [D, K] also where the file holds its transpose", () => {
  const graph = exportedVit(plain);
  const { weight, bias } = analyzeVit(graph).head;
  const gemm = graph.nodes.at(-1) as Node;
  const stored = graph.initializers.get(gemm.inputs[1] as string)?.data as Float32Array;
  expect(weight.shape).toEqual([D, K]);
  expect(bias.shape).toEqual([K]);
  const expected = Array.from({ length: D * K }, (_, i) => stored[(i % K) * D + Math.floor(i / K)] as number);
  expectAllclose(weight.data, expected, { rtol: 0, atol: 0 });
});

/** The fixture with one operator changed. */
function changed(change: (node: Node, graph: Graph) => Node): Graph {
  const graph = exportedVit(plain);
  return { ...graph, nodes: graph.nodes.map((node) => change(node, graph)) };
}

test("a network that averages its tokens pools them at its exits too", () => {
  const graph = changed((node) =>
    node.op === "Gather" && node.attributes.get("axis")?.value === 1
      ? {
          ...node,
          op: "ReduceMean",
          inputs: node.inputs.slice(0, 1),
          attributes: new Map([
            ["axes", { kind: "ints", value: [1] }],
            ["keepdims", { kind: "int", value: 0 }],
          ]),
        }
      : node,
  );
  const anatomy = analyzeVit(graph);
  expect(anatomy.pooling).toEqual([{ kind: "mean", from: 0, to: T }]);
  const [block] = cutBlocks(graph, anatomy, [1, 2]);
  expect(block?.graph.nodes.filter(({ op }) => op === "ReduceMean")).toHaveLength(1);
});

test("tokens that nobody pools are refused by the operator that stands there", () => {
  const one = { kind: "int", value: 1 } as const;
  const graph = changed((node) =>
    node.op === "Gather" && node.attributes.get("axis")?.value === 1
      ? {
          ...node,
          op: "ArgMax",
          inputs: node.inputs.slice(0, 1),
          attributes: new Map([
            ["axis", one],
            ["keepdims", { ...one, value: 0 }],
          ]),
        }
      : node,
  );
  expect(() => analyzeVit(graph)).toThrow(
    /pooling: expected the choice of one token or a mean of tokens before the head, got ArgMax "gather/,
  );
});

test("a network without residual layers is refused at the end of its tokens", () => {
  const builder = new GraphBuilder("mlp");
  const x = builder.input("x", ["batch", 3, 2, 2]);
  const tokens = builder.reshape(x, [0, 4, 3]);
  const norm = builder.add("LayerNormalization", [tokens, builder.tensor("g", [3], new Float32Array(3).fill(1))]);
  const token = builder.reshape(builder.slice(norm, 1, 0, 1), [0, 3]);
  builder.output(builder.matMul(token, builder.tensor("w", [3, 2], new Float32Array(6)), "logits"));
  expect(() => analyzeVit(builder.build())).toThrow(
    'value "reshape": expected a residual addition x + f(x) at the end of the last layer, got Reshape "reshape"',
  );
});

test("a layer whose attention has no softmax is refused by name", () => {
  const graph = changed((node) => (node.op === "Softmax" ? { ...node, op: "Relu", attributes: new Map() } : node));
  expect(() => analyzeVit(graph)).toThrow("expected one Softmax in the attention, got 0");
});

test("operators without a name of their own are refused", () => {
  const graph = changed((node) => (node.op === "Erf" ? { ...node, name: "" } : node));
  expect(() => analyzeVit(graph)).toThrow(/expected a name of its own on every operator, got none/);
});

test("logits behind a softmax are refused by the operator that stands there", () => {
  const builder = GraphBuilder.from(exportedVit(plain));
  builder.clearOutputs();
  builder.output(builder.softmax("logits", -1, "probabilities"), ["batch", K]);
  expect(() => analyzeVit(builder.build())).toThrow(/expected a linear head .*, got Softmax "probabilities"/);
});
