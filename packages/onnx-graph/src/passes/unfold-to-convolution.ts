import { constant, type Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf, intsOf, makeNode, textOf } from "./graph-facts.js";

/** The windows of one axis of the image. */
interface Windows {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly count: number;
}

/** What the exporter made of `torch.nn.Unfold`. */
interface Unfold {
  readonly image: string;
  readonly channels: number;
  readonly rows: Windows;
  readonly columns: Windows;
  /** Before and behind the rows and columns: [top, left, bottom, right]. */
  readonly pads: readonly number[];
}

/**
 * im2col by two Gathers (Pad → Gather rows → Gather columns → Transpose) becomes a depthwise convolution whose kernels each copy
 * one place of the window: onnxruntime gathers element by element but convolves in blocks. The Reshape behind it stays.
 * Sums of zeros and one value are exact; an infinite pixel becomes NaN.
 */
export const unfoldToConvolution: GraphPass = {
  name: "unfold to depthwise convolution",
  apply: (graph) => {
    if (!graph.nodes.some(isWindowTranspose)) return graph;
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      const unfold = isWindowTranspose(node) ? matchUnfold(facts, node) : null;
      if (unfold !== null) edit.replace(node, ...convolution(edit, node, unfold));
    }
    return edit.apply();
  },
};

/** [B, C, kh, Lh, kw, Lw] → [B, C, kh, kw, Lh, Lw] */
function isWindowTranspose(node: Node): boolean {
  return node.op === "Transpose" && node.domain === "" && intsOf(node, "perm")?.join() === "0,1,2,4,3,5";
}

function matchUnfold(facts: GraphFacts, transpose: Node): Unfold | null {
  const second = facts.madeBy(transpose.inputs[0], "Gather");
  const first = second === null ? null : facts.madeBy(second.inputs[0], "Gather");
  if (first === null || second === null || intOf(first, "axis", 0) !== 2 || intOf(second, "axis", 0) !== 4) return null;
  const rows = windowsOf(facts, first.inputs[1]);
  const columns = windowsOf(facts, second.inputs[1]);
  if (rows === null || columns === null) return null;
  const pad = facts.madeBy(first.inputs[0], "Pad");
  const pads = pad === null ? null : imagePads(facts, pad);
  const image = pad !== null && pads !== null ? pad.inputs[0] : first.inputs[0];
  const shape = facts.shape(image);
  const channels = shape?.[1];
  if (shape?.length !== 4 || typeof channels !== "number" || facts.known(image).dtype !== "float32") return null;
  const fits = [rows, columns].every((windows, i) => coversAll(windows, shape[2 + i], pads?.[i], pads?.[2 + i]));
  return fits ? { image, channels, rows, columns, pads: pads ?? [0, 0, 0, 0] } : null;
}

/** Indices [k, L] of an arithmetic pattern i·dilation + j·stride that starts at 0. */
function windowsOf(facts: GraphFacts, name: string): Windows | null {
  const shape = facts.shape(name);
  const indices = facts.integers(name);
  if (indices === null || shape?.length !== 2) return null;
  const [kernel, count] = shape as readonly [number, number];
  const stride = count > 1 ? indices[1] : 1;
  const dilation = kernel > 1 ? indices[count] : 1;
  const regular = indices.every((index, at) => index === Math.floor(at / count) * dilation + (at % count) * stride);
  return regular && stride > 0 && dilation > 0 ? { kernel, stride, dilation, count } : null;
}

/** Zero padding of rows and columns only; null for anything else. */
function imagePads(facts: GraphFacts, pad: Node): readonly number[] | null {
  const pads = intsOf(pad, "pads") ?? facts.integers(pad.inputs[1]);
  if (pads?.length !== 8 || textOf(pad, "mode", "constant") !== "constant" || (pad.inputs[3] ?? "") !== "") return null;
  const value = pad.attributes.get("value");
  const fill = (pad.inputs[2] ?? "") === "" ? [0] : facts.constant(pad.inputs[2])?.data;
  if (Number(fill?.[0]) !== 0 || (value?.kind === "float" && value.value !== 0)) return null;
  const onlyImage = pads[0] === 0 && pads[1] === 0 && pads[4] === 0 && pads[5] === 0;
  return onlyImage && pads.every((amount) => amount >= 0) ? [pads[2], pads[3], pads[6], pads[7]] : null;
}

/** A convolution has as many windows as fit; the gather must have just as many. */
function coversAll({ kernel, stride, dilation, count }: Windows, size: unknown, before = 0, behind = 0): boolean {
  if (typeof size !== "number") return false;
  return Math.floor((size + before + behind - (dilation * (kernel - 1) + 1)) / stride) + 1 === count;
}

function convolution(edit: GraphEdit, transpose: Node, { image, channels, rows, columns, pads }: Unfold): Node[] {
  const [output] = transpose.outputs;
  const places = rows.kernel * columns.kernel;
  const kernels = new Float32Array(channels * places * places);
  for (let channel = 0; channel < channels; channel++) {
    for (let place = 0; place < places; place++) kernels[(channel * places + place) * places + place] = 1;
  }
  const stem = transpose.name === "" ? output : transpose.name.replace(/\/[^/]*$/, "");
  const weight = edit.constant(
    `${stem}/identity_kernels`,
    constant([channels * places, 1, rows.kernel, columns.kernel], kernels),
  );
  const windows = edit.fresh(`${stem}/Conv`);
  const shape = edit.integers(`${output}_shape`, [0, channels, rows.kernel, columns.kernel, rows.count, columns.count]);
  const ints = (...value: readonly number[]) => ({ kind: "ints", value }) as const;
  return [
    makeNode("Conv", [image, weight], windows, {
      group: { kind: "int", value: channels },
      kernel_shape: ints(rows.kernel, columns.kernel),
      strides: ints(rows.stride, columns.stride),
      dilations: ints(rows.dilation, columns.dilation),
      pads: ints(...pads),
    }),
    makeNode("Reshape", [windows, shape], output),
  ];
}
