import type { Attribute, Graph, Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { erfGelu, tanhGelu } from "./gelu-nodes.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf, intsOf, makeNode } from "./graph-facts.js";

/** What the passes, and everything behind them, write: the first opset that has LayerNormalization. */
const TARGET = 17;
/** Before opset 9 broadcasting had other rules; after 23 nobody here knows what will be. */
const OLDEST = 9;
const NEWEST = 25;

/**
 * Brings a graph to opset 17, from older and from newer ones, when every operator in it means the same there or has another
 * spelling. A graph with any other operator stays as it is.
 */
export const toOpset17: GraphPass = {
  name: "opset 17",
  apply: (graph) => {
    const from = graph.opsets.get("") ?? TARGET;
    if (from === TARGET || from < OLDEST || from > NEWEST) return graph;
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      if (node.domain !== "" || alike.has(node.op)) continue;
      const spelled = spellings.get(node.op)?.({ facts, edit, node, from }) ?? null;
      if (spelled === null) return graph;
      if (spelled.length !== 1 || spelled[0] !== node) edit.replace(node, ...spelled);
    }
    return withOpset(edit.apply());
  },
};

function withOpset(graph: Graph): Graph {
  return { ...graph, opsets: new Map([...graph.opsets, ["", TARGET]]) };
}

/** Operators whose attributes and inputs mean the same from opset 9 on (where they exist at all). */
const alike = new Set(
  (
    "Abs Add And ArgMax ArgMin AveragePool BatchNormalization Ceil Concat Constant ConstantOfShape Conv ConvTranspose Cos " +
    "CumSum DepthToSpace Div Einsum Elu Equal Erf Exp Expand Flatten Floor Gather GatherElements GatherND Gemm " +
    "GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual HardSigmoid HardSwish Identity InstanceNormalization " +
    "LayerNormalization LeakyRelu Less LessOrEqual Log MatMul Max MaxPool Mean Min Mod Mul Neg Not Or PRelu Pow Range " +
    "Reciprocal Relu Reshape Round Shape Sigmoid Sign Sin Size Softplus SpaceToDepth Sqrt Sub Sum Tanh Tile Transpose Trilu " +
    "Where Xor"
  ).split(" "),
);

interface Spelling {
  readonly facts: GraphFacts;
  readonly edit: GraphEdit;
  readonly node: Node;
  readonly from: number;
}

/** The operator as opset 17 has it; the node itself when nothing changes; null when it cannot be said. */
type Respell = (spelling: Spelling) => readonly Node[] | null;

const spellings: ReadonlyMap<string, Respell> = new Map<string, Respell>([
  ["ReduceSum", attributeToInput("axes")],
  ["Squeeze", attributeToInput("axes")],
  ["Unsqueeze", attributeToInput("axes")],
  ["Split", (spelling) => attributeToInput("split")({ ...spelling, node: without(spelling.node, "num_outputs") })],
  ["Slice", slice],
  ["Clip", clip],
  ["Pad", pad],
  ["Cast", ({ node }) => [without(node, "saturate")]],
  ["Dropout", ({ node }) => [without(node, "ratio")]],
  ["Softmax", lastAxis],
  ["LogSoftmax", lastAxis],
  ["Gelu", gelu],
  ...["ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare"].map(
    (op) => [op, axesToAttribute] as const,
  ),
]);

/** Opset 13 made an input of it. */
function attributeToInput(name: string): Respell {
  return ({ edit, node }) => {
    const values = intsOf(node, name);
    if (values === null) return [node];
    const input = edit.integers(`${node.outputs[0]}_${name}`, values);
    return [{ ...without(node, name), inputs: [node.inputs[0], input] }];
  };
}

/** Opset 18 made an input of it; in 17 it is an attribute. */
function axesToAttribute({ facts, node }: Spelling): readonly Node[] | null {
  if ((node.inputs[1] ?? "") === "") return intOf(node, "noop_with_empty_axes", 0) === 0 ? [without(node, NOOP)] : null;
  const axes = facts.integers(node.inputs[1]);
  if (axes === null || axes.length === 0) return null;
  const attributes = new Map<string, Attribute>([...node.attributes, ["axes", { kind: "ints", value: axes }]]);
  return [without({ ...node, inputs: [node.inputs[0]], attributes }, NOOP)];
}

const NOOP = "noop_with_empty_axes";

/** Opset 10 made inputs of all its attributes. */
function slice({ edit, node }: Spelling): readonly Node[] {
  const [starts, ends, axes] = ["starts", "ends", "axes"].map((name) => intsOf(node, name));
  if (starts === null || ends === null) return [node];
  // "Until the end" is 2⁶³ − 1, which as a number rounds to 2⁶³ and would come back negative.
  const input = (name: string, values: readonly number[]) =>
    edit.integers(
      `${node.outputs[0]}_${name}`,
      values.map((value) => Math.max(Math.min(value, Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER)),
    );
  const given = axes ?? starts.map((_, axis) => axis);
  const inputs = [node.inputs[0], input("starts", starts), input("ends", ends), input("axes", given)];
  return [without({ ...node, inputs }, "starts", "ends", "axes")];
}

/** Opset 11 made inputs of min and max. */
function clip({ edit, node }: Spelling): readonly Node[] {
  const bounds = ["min", "max"].map((name) => {
    const bound = node.attributes.get(name)?.value;
    if (typeof bound !== "number") return "";
    return edit.constant(`${node.outputs[0]}_${name}`, { dtype: "float32", dims: [], data: Float32Array.of(bound) });
  });
  return bounds.every((name) => name === "")
    ? [node]
    : [without({ ...node, inputs: [node.inputs[0], ...bounds] }, "min", "max")];
}

/** Opset 11 made inputs of pads and value, opset 18 added axes. */
function pad({ facts, edit, node }: Spelling): readonly Node[] | null {
  const pads = intsOf(node, "pads");
  if (pads !== null) {
    const value = node.attributes.get("value")?.value;
    const data = Float32Array.of(typeof value === "number" ? value : 0);
    const inputs = [
      node.inputs[0],
      edit.integers(`${node.outputs[0]}_pads`, pads),
      edit.constant(`${node.outputs[0]}_value`, { dtype: "float32", dims: [], data }),
    ];
    return [without({ ...node, inputs }, "pads", "value")];
  }
  if ((node.inputs[3] ?? "") === "") return [node];
  const rank = facts.shape(node.inputs[0])?.length;
  const given = facts.integers(node.inputs[1]);
  const axes = facts.integers(node.inputs[3]);
  if (rank === undefined || given === null || axes === null) return null;
  const all = Array<number>(2 * rank).fill(0);
  for (const [i, axis] of axes.entries()) {
    const at = axis < 0 ? axis + rank : axis;
    all[at] = given[i];
    all[at + rank] = given[i + axes.length];
  }
  const padded = edit.integers(`${node.outputs[0]}_pads`, all);
  return [{ ...node, inputs: [node.inputs[0], padded, ...node.inputs.slice(2, 3)] }];
}

/** Below opset 13 the axis and all behind it were one; the default was 1. Over the last axis that is the same. */
function lastAxis({ facts, node, from }: Spelling): readonly Node[] | null {
  if (from >= 13) return [node];
  const rank = facts.shape(node.inputs[0])?.length;
  const axis = intOf(node, "axis", 1);
  if (axis !== -1 && (rank === undefined || axis !== rank - 1)) return null;
  const last = makeNode(node.op, node.inputs, node.outputs[0], { axis: { kind: "int", value: -1 } });
  return [{ ...last, name: node.name }];
}

/** Opset 20 brought it. */
function gelu({ edit, node }: Spelling): readonly Node[] {
  const write = node.attributes.get("approximate")?.value === "tanh" ? tanhGelu : erfGelu;
  return write(edit, node.inputs[0], node.outputs[0]);
}

function without(node: Node, ...names: readonly string[]): Node {
  if (!names.some((name) => node.attributes.has(name))) return node;
  return { ...node, attributes: new Map([...node.attributes].filter(([name]) => !names.includes(name))) };
}
