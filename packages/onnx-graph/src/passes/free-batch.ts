import { QueeError } from "@quee/core";
import { sizeOf } from "@quee/tensor";
import { type Dim, type Graph, int64Constant, type Node, type ValueInfo } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { inferKnown, inferNode } from "../infer-shapes.js";
import type { Known } from "../rules/call.js";
import { isStatic } from "../shapes/dims.js";
import { elementsOfConstant } from "../shapes/elements.js";

/** A batch that no image network has: a dimension that it divides carries the batch. */
const PROBE = 7919;
const BATCH = "batch";

/**
 * A network of images that was exported for a fixed number of them takes any number: the first dimension of its input and of its
 * outputs becomes "batch", and every Reshape takes the batch from its input. Left alone where the batch is not passed through to
 * every output, or where an operator depends on it in another way.
 */
export const freeBatch: GraphPass = {
  name: "batch freeing",
  apply: (graph) => {
    const [image, ...others] = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
    const size = image?.shape?.length === 4 ? image.shape[0] : null;
    if (image === undefined || others.length > 0 || typeof size !== "number" || size < 1) return graph;
    if (!isStatic(image.shape)) return graph;
    return freed(graph, image, size) ?? graph;
  },
};

function freed(graph: Graph, image: ValueInfo, size: number): Graph | null {
  const fixed = inferKnown(graph);
  const probed = new Map<string, Known>();
  const shape = [PROBE, ...(image.shape as readonly number[]).slice(1)];
  probed.set(image.name, { dtype: image.dtype, shape, elements: null });
  for (const [name, value] of graph.initializers) {
    probed.set(name, { dtype: value.dtype, shape: value.dims, elements: elementsOfConstant(value) });
  }
  const targets = new Map<string, readonly number[]>();
  const rows = new Map<string, number>();
  const nodes: Node[] = [];
  try {
    for (const node of graph.nodes) {
      const rowsBefore = Math.max(1, ...node.inputs.map((input) => rows.get(input) ?? 1));
      const opened =
        node.op === "Reshape" && node.domain === ""
          ? openTarget(probed.get(node.inputs[0])?.shape, fixed.get(node.outputs[0])?.shape, rowsBefore, size)
          : null;
      const name = `${node.outputs[0]}_any_batch`;
      if (opened !== null) {
        if (probed.has(name)) return null;
        targets.set(name, opened.target);
        const value = int64Constant(opened.target);
        probed.set(name, { dtype: "int64", shape: value.dims, elements: elementsOfConstant(value) });
      }
      for (const output of node.outputs) rows.set(output, opened?.rows ?? rowsBefore);
      const free = opened === null ? node : { ...node, inputs: [node.inputs[0], name] };
      for (const [i, type] of inferNode(graph, free, probed).entries()) probed.set(node.outputs[i], type);
      if (!node.outputs.every((output) => agrees(fixed.get(output), probed.get(output), size))) return null;
      nodes.push(free);
    }
  } catch (error) {
    // Shapes that fit together only at the exported batch.
    if (error instanceof QueeError) return null;
    throw error;
  }
  const passes = ({ name }: ValueInfo) => probed.get(name)?.shape?.[0] === PROBE;
  if (!graph.outputs.every(passes)) return null;
  const open = (info: ValueInfo): ValueInfo => ({
    ...info,
    shape: [BATCH, ...(probed.get(info.name)?.shape ?? []).slice(1)],
  });
  return {
    ...graph,
    inputs: graph.inputs.map((info) => (info.name === image.name ? open(info) : info)),
    outputs: graph.outputs.map(open),
    initializers: new Map([
      ...graph.initializers,
      ...[...targets].map(([name, target]) => [name, int64Constant(target)] as const),
    ]),
    nodes,
  };
}

/** The same shape but for the batch, which stands in at most one dimension, alone or as a factor. */
function agrees(fixed: Known | undefined, probed: Known | undefined, size: number): boolean {
  const [was, is] = [fixed?.shape, probed?.shape];
  if (was === null || was === undefined || is === null || is === undefined || was.length !== is.length) return false;
  const changed = is.flatMap((dim, axis) => (dim === was[axis] ? [] : [axis]));
  return changed.length <= 1 && changed.every((axis) => Number(is[axis]) * size === Number(was[axis]) * PROBE);
}

/** Where the batch goes in the target of a Reshape. */
interface Opened {
  /** −1 stands where the batch is. */
  readonly target: readonly number[];
  /** How many rows of what stands before the batch share its dimension: 17 in [17·batch, D]. */
  readonly rows: number;
}

/**
 * The target of a Reshape that takes the batch from its input: as many elements stand before it as did before. Several
 * dimensions may do; the last holds features, so it comes last. null when no batch comes in or none can take it.
 */
function openTarget(
  from: readonly Dim[] | null | undefined,
  to: readonly Dim[] | null | undefined,
  rowsBefore: number,
  size: number,
): Opened | null {
  if (!isStatic(from ?? null) || !isStatic(to ?? null)) return null;
  const [shape, fixed] = [from as readonly number[], to as readonly number[]];
  const axis = shape.findIndex((dim) => dim % PROBE === 0);
  if (axis < 0) return null;
  const before = sizeOf(shape.slice(0, axis)) * rowsBefore;
  const candidates = fixed.flatMap((dim, at) => {
    const rows = before / sizeOf(fixed.slice(0, at));
    const isWhole = Number.isInteger(rows) && dim % size === 0 && (dim / size) % rows === 0;
    return isWhole ? [{ target: fixed.map((each, i) => (i === at ? -1 : each)), rows, at }] : [];
  });
  const inFront = candidates.filter(({ at }) => at < fixed.length - 1);
  return inFront.find(({ rows }) => rows === 1) ?? inFront[0] ?? candidates[0] ?? null;
}
