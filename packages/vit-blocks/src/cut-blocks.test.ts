import { cleanGraph, inferShapes, verifyGraph } from "@quee/onnx-graph";
import { tensor } from "@quee/tensor";
import { expect, test } from "vitest";
import { analyzeVit } from "./anatomy.js";
import { attachHead } from "./attach-head.js";
import { cutBlocks } from "./cut-blocks.js";
import { D, exportedVit, K, plain, T } from "./exported-vit.test.fixture.js";
import { scaleAndShiftLogits } from "./scale-and-shift-logits.js";

const whole = cleanGraph(exportedVit({ ...plain, depth: 4 }));
const anatomy = analyzeVit(whole);

test("blocks speak with the agreed names and shapes", () => {
  const blocks = cutBlocks(whole, anatomy, [1, 3, 4]);
  expect(
    blocks.map(({ index, layers, input, hasHiddenStates }) => ({ index, layers, input, hasHiddenStates })),
  ).toEqual([
    { index: 1, layers: [1, 1], input: "pixel_values", hasHiddenStates: true },
    { index: 2, layers: [2, 3], input: "hidden_states_in", hasHiddenStates: true },
    { index: 3, layers: [4, 4], input: "hidden_states_in", hasHiddenStates: false },
  ]);
  for (const { graph, hasHiddenStates } of blocks) {
    verifyGraph(graph);
    const names = graph.outputs.map(({ name }) => name);
    expect(names).toEqual(hasHiddenStates ? ["hidden_states", "exit_features"] : ["exit_features"]);
    const shapes = inferShapes(graph);
    expect(shapes.get("exit_features")?.shape).toEqual(["batch", D]);
    expect(shapes.get("hidden_states")?.shape).toEqual(["batch", T, D]);
  }
  expect(blocks[0]?.graph.inputs).toEqual([{ name: "pixel_values", dtype: "float32", shape: ["batch", 3, 8, 8] }]);
  expect(blocks[1]?.graph.inputs).toEqual([{ name: "hidden_states_in", dtype: "float32", shape: ["batch", T, D] }]);
});

test("every layer is in exactly one block, and the backbone's own head in none", () => {
  const blocks = cutBlocks(whole, anatomy, [2, 4]);
  const names = blocks.flatMap(({ graph }) => graph.nodes.map(({ name }) => name));
  for (const layer of anatomy.layers) {
    for (const name of layer.nodes) expect(names.filter((other) => other === name)).toHaveLength(1);
  }
  for (const name of anatomy.head.nodes) expect(names).not.toContain(name);
});

test("only one token of each exit goes through the norm", () => {
  for (const { graph } of cutBlocks(whole, anatomy, [2, 4])) {
    const norm = graph.nodes.findLast(({ op }) => op === "LayerNormalization");
    expect(inferShapes(graph).get(norm?.outputs[0] as string)?.shape).toEqual(["batch", D]);
  }
});

test.each([[[2]], [[]], [[3, 2, 4]], [[0, 4]], [[2, 2, 4]], [[1.5, 4]], [[2, 5]]])("exits %j are refused", (exits) => {
  expect(() => cutBlocks(whole, anatomy, exits)).toThrow("exits: expected ascending layers from 1 that end with 4");
});

test("a head takes the place of the features, unless they are asked for", () => {
  const [first, last] = cutBlocks(whole, anatomy, [2, 4]);
  const outputs = (graph: typeof whole) => graph.outputs.map(({ name }) => name);
  expect(outputs(attachHead(first!, anatomy.head))).toEqual(["hidden_states", "logits"]);
  expect(outputs(attachHead(last!, anatomy.head))).toEqual(["logits"]);
  const kept = attachHead(last!, anatomy.head, { keepFeatures: true });
  expect(outputs(kept)).toEqual(["exit_features", "logits"]);
  verifyGraph(kept);
  expect(inferShapes(kept).get("logits")?.shape).toEqual(["batch", K]);
});

test("a head of another width is refused", () => {
  const [block] = cutBlocks(whole, anatomy, [4]);
  const head = { weight: tensor([5, 2], new Float32Array(10)), bias: tensor([2], new Float32Array(2)) };
  expect(() => attachHead(block!, head)).toThrow(
    "expected a weight [6, K] and a bias [K] on exit_features, got [5, 2] and [2]",
  );
});

test("logits are corrected behind the head: two operators more, outputs and all else as they were", () => {
  const [first] = cutBlocks(whole, anatomy, [2, 4]);
  const graph = attachHead(first!, anatomy.head);
  const bias = Float32Array.from({ length: K }, (_, k) => k);
  const corrected = scaleAndShiftLogits(graph, { scale: 0.5, bias });
  verifyGraph(corrected);
  expect(corrected.outputs).toEqual(graph.outputs);
  expect(corrected.nodes.slice(-2).map(({ op }) => op)).toEqual(["Mul", "Add"]);
  const [head, times, plus] = corrected.nodes.slice(-3);
  expect(times?.inputs[0]).toBe(head?.outputs[0]);
  expect(corrected.initializers.get(times?.inputs[1] as string)?.data).toEqual(Float32Array.of(0.5));
  expect(corrected.initializers.get(plus?.inputs[1] as string)?.data).toEqual(bias);
  const twice = scaleAndShiftLogits(corrected, { scale: 2, bias });
  verifyGraph(twice);
  expect(new Set(twice.nodes.map(({ name }) => name)).size).toBe(twice.nodes.length);
  expect(() => scaleAndShiftLogits(graph, { scale: 1, bias: new Float32Array(K + 1) })).toThrow(/as many classes/);
  expect(() => scaleAndShiftLogits(first!.graph, { scale: 1, bias })).toThrow(/no logits/);
});
