import type { Constant, Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf, intsOf, makeNode } from "./graph-facts.js";

/** Tokens [B, L, C·P] that are windows of an image: of each, the P places of channel 0, then those of channel 1, … */
interface Windows {
  readonly image: string;
  readonly channels: number;
  /** Height and width of the image, of a window, between windows, and of the grid of windows. */
  readonly size: Pair;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly grid: Pair;
  /** Above and left of the image. */
  readonly pads: Pair;
}

type Pair = readonly [rows: number, columns: number];

/** A layer norm or a linear layer that reads such tokens, the constants of which can be put in another order. */
interface Reader {
  readonly node: Node;
  /** Those with one row per element of a token. */
  readonly constants: readonly { readonly input: number; readonly value: Constant }[];
}

/**
 * A soft split (im2col by a depthwise convolution, then tokens of it) becomes one Gather of whole rows: memory is copied in runs of
 * all channels instead of number by number. The elements of a token come place by place then, not channel by channel, so what
 * reads them (layer norms and linear layers only) gets its constants in that order. Same numbers, summed in another order.
 */
export const unfoldByRows: GraphPass = {
  name: "soft splits by rows",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const tokens of graph.nodes) {
      const windows = matchWindows(facts, tokens);
      const readers = windows === null ? null : readersOf(facts, tokens.outputs[0]);
      if (windows === null || readers === null || readers.some(({ node }) => edit.isReplaced(node))) continue;
      edit.replace(tokens, ...gathered(facts, edit, tokens, windows));
      for (const reader of readers) edit.replace(reader.node, reordered(edit, reader, windows));
    }
    return edit.apply();
  },
};

/** Conv of copying kernels → Reshape [0, C·P, L] → Transpose [B, L, C·P], nobody else reading. */
function matchWindows(facts: GraphFacts, transpose: Node): Windows | null {
  if (transpose.op !== "Transpose" || transpose.domain !== "" || intsOf(transpose, "perm")?.join() !== "0,2,1")
    return null;
  const reshape = facts.madeBy(transpose.inputs[0], "Reshape");
  const conv = reshape === null ? null : facts.madeBy(reshape.inputs[0], "Conv");
  if (reshape === null || conv === null || (conv.inputs[2] ?? "") !== "") return null;
  if (facts.onlyConsumer(reshape.outputs[0]) !== transpose || facts.onlyConsumer(conv.outputs[0]) !== reshape)
    return null;
  const [image, kernels] = conv.inputs;
  const [from, made, to] = [image, conv.outputs[0], transpose.outputs[0]].map((name) => facts.shape(name)?.slice(1));
  const weight = facts.constant(kernels);
  if (weight === null || !areNumbers(from) || !areNumbers(made) || !areNumbers(to)) return null;
  const [channels, ...size] = from;
  const [width, ...grid] = made;
  const [, , ...kernel] = weight.dims;
  const pads = intsOf(conv, "pads") ?? [0, 0, 0, 0];
  if (size.length !== 2 || intOf(conv, "group", 1) !== channels || !copiesEveryPlace(weight, channels)) return null;
  if ((intsOf(conv, "dilations") ?? []).some((dilation) => dilation !== 1) || conv.attributes.has("auto_pad"))
    return null;
  if (to[0] !== grid[0] * grid[1] || to[1] !== width) return null;
  return {
    ...{ image, channels, size: size as unknown as Pair, kernel: kernel as unknown as Pair },
    ...{ stride: (intsOf(conv, "strides") ?? [1, 1]) as Pair, grid: grid as unknown as Pair, pads: [pads[0], pads[1]] },
  };
}

function areNumbers(dims: readonly unknown[] | undefined): dims is readonly number[] {
  return dims?.every((dim) => typeof dim === "number") ?? false;
}

/** Kernels [C·P, 1, kh, kw]: the p-th of each channel copies place p. */
function copiesEveryPlace({ dims, data }: Constant, channels: number): boolean {
  const places = dims.slice(2).reduce((product, dim) => product * dim, 1);
  if (dims.length !== 4 || dims[0] !== channels * places || dims[1] !== 1) return false;
  for (let i = 0; i < data.length; i++) {
    const [kernel, place] = [Math.floor(i / places), i % places];
    if (data[i] !== (kernel % places === place ? 1 : 0)) return false;
  }
  return true;
}

/** Everything that reads the tokens, with what reads a norm of them; null where something depends on their order. */
function readersOf(facts: GraphFacts, tokens: string): readonly Reader[] | null {
  const readers: Reader[] = [];
  const values = [tokens];
  for (const value of values) {
    if (facts.isOutput(value)) return null;
    for (const node of facts.consumers.get(value) ?? []) {
      const reader = readerOf(facts, node, value);
      if (reader === null) return null;
      readers.push(reader);
      if (node.op === "LayerNormalization") values.push(node.outputs[0]);
    }
  }
  return readers;
}

function readerOf(facts: GraphFacts, node: Node, value: string): Reader | null {
  const [first, ...others] = node.inputs;
  if (node.domain !== "" || first !== value || others.includes(value)) return null;
  const isNorm = node.op === "LayerNormalization" && [-1, 2].includes(intOf(node, "axis", -1));
  if (!isNorm && node.op !== "MatMul") return null;
  if (node.outputs.slice(1).some((name) => name !== "")) return null;
  const constants = others.flatMap((name, i) => (name === "" ? [] : [{ input: i + 1, value: facts.constant(name) }]));
  const rank = isNorm ? 1 : 2;
  const fits = ({ value }: { readonly value: Constant | null }) =>
    value?.dims.length === rank && value.data instanceof Float32Array;
  return constants.every(fits) ? { node, constants: constants as Reader["constants"] } : null;
}

/** The reader with its constants in the order that rows have: place by place, of each all channels. */
function reordered(edit: GraphEdit, { node, constants }: Reader, { channels, kernel }: Windows): Node {
  const places = kernel[0] * kernel[1];
  const inputs = [...node.inputs];
  for (const { input, value } of constants) {
    const rowLength = value.data.length / (channels * places);
    const data = new Float32Array(value.data.length);
    for (let row = 0; row < channels * places; row++) {
      const from = (row % channels) * places + Math.floor(row / channels);
      data.set((value.data as Float32Array).subarray(from * rowLength, (from + 1) * rowLength), row * rowLength);
    }
    inputs[input] = edit.constant(`${node.inputs[input]}_by_rows`, { ...value, data });
  }
  return { ...node, inputs };
}

function gathered(facts: GraphFacts, edit: GraphEdit, tokens: Node, windows: Windows): readonly Node[] {
  const [output] = tokens.outputs;
  const { rows, indices, nodes } = rowsOfTokens(facts, edit, output, windows) ?? rowsOfImage(edit, output, windows);
  const { channels, kernel, grid } = windows;
  const taken = edit.fresh(`${output}_rows`);
  const shape = edit.integers(`${output}_shape`, [0, grid[0] * grid[1], channels * kernel[0] * kernel[1]]);
  const axis = { kind: "int", value: 1 } as const;
  return [
    ...nodes,
    makeNode("Gather", [rows, edit.integers(`${output}_indices`, indices)], taken, { axis }),
    makeNode("Reshape", [taken, shape], output),
  ];
}

/** A value [B, N, …] of rows, and those that the windows are made of, in order. */
interface Rows {
  readonly rows: string;
  readonly indices: readonly number[];
  readonly nodes: readonly Node[];
}

/**
 * Of an image that is itself made of tokens [B, H·W, C], the tokens, with zeros behind them for what lies outside. So many zeros that
 * none is taken oftener than a token: a gradient has one Gather for each time that the most wanted row is taken.
 */
function rowsOfTokens(facts: GraphFacts, edit: GraphEdit, output: string, windows: Windows): Rows | null {
  const { image, size, kernel, stride } = windows;
  const reshape = facts.madeBy(image, "Reshape");
  const transpose = reshape === null ? null : facts.madeBy(reshape.inputs[0], "Transpose");
  if (transpose === null || intsOf(transpose, "perm")?.join() !== "0,2,1") return null;
  const [tokens] = transpose.inputs;
  const [, count, width] = facts.shape(tokens) ?? [];
  if (count !== size[0] * size[1] || width !== windows.channels) return null;
  const most = Math.ceil(kernel[0] / stride[0]) * Math.ceil(kernel[1] / stride[1]);
  let outside = 0;
  const indices = placesOf(windows).map(([row, column]) => {
    const isInside = row >= 0 && row < size[0] && column >= 0 && column < size[1];
    return isInside ? row * size[1] + column : count + Math.floor(outside++ / most);
  });
  if (outside === 0) return { rows: tokens, indices, nodes: [] };
  const rows = edit.fresh(`${output}_padded`);
  const pads = edit.integers(`${output}_pads`, [0, 0, 0, 0, Math.ceil(outside / most), 0]);
  return { rows, indices, nodes: [makeNode("Pad", [tokens, pads], rows)] };
}

/** Row and column in the image of every place of every window. */
function placesOf({ grid, kernel, stride, pads }: Windows): readonly Pair[] {
  const count = grid[0] * grid[1] * kernel[0] * kernel[1];
  return Array.from({ length: count }, (_, i): Pair => {
    const [window, place] = [Math.floor(i / (kernel[0] * kernel[1])), i % (kernel[0] * kernel[1])];
    return [
      Math.floor(window / grid[1]) * stride[0] + Math.floor(place / kernel[1]) - pads[0],
      (window % grid[1]) * stride[1] + (place % kernel[1]) - pads[1],
    ];
  });
}

/**
 * Of an image [B, C, H, W], the rows of its windows, kw·C numbers each: the image is laid out with its channels last and cut into
 * pieces of as many columns as windows are apart; a row is as many pieces as it needs, the last one cut off.
 */
function rowsOfImage(edit: GraphEdit, output: string, windows: Windows): Rows {
  const { image, channels, size, kernel, stride, grid, pads } = windows;
  const perRow = Math.ceil(kernel[1] / stride[1]);
  // At least what the windows reach, at least the image, and whole pieces.
  const height = Math.max((grid[0] - 1) * stride[0] + kernel[0], pads[0] + size[0]);
  const piecesAcross = Math.max(grid[1] + perRow - 1, Math.ceil((pads[1] + size[1]) / stride[1]));
  const behind = [height - pads[0] - size[0], piecesAcross * stride[1] - pads[1] - size[1]] as const;
  const pieceCount = height * piecesAcross;
  const nodes: Node[] = [];
  const make = (
    op: string,
    inputs: readonly string[],
    stem: string,
    attributes: Parameters<typeof makeNode>[3] = {},
  ) => {
    const name = edit.fresh(`${output}_${stem}`);
    nodes.push(makeNode(op, inputs, name, attributes));
    return name;
  };
  const integers = (stem: string, values: readonly number[]) => edit.integers(`${output}_${stem}`, values);
  const channelsLast = make("Transpose", [image], "channels_last", { perm: { kind: "ints", value: [0, 2, 3, 1] } });
  const padded = make("Pad", [channelsLast, integers("pads", [0, pads[0], pads[1], 0, 0, ...behind, 0])], "padded");
  const pieceShape = integers("pieces_shape", [0, pieceCount, stride[1] * channels]);
  const pieces = make("Reshape", [padded, pieceShape], "pieces");
  const rowCount = pieceCount - perRow + 1;
  const axes = integers("axes", [1, 2]);
  const parts = Array.from({ length: perRow }, (_, j) => {
    const width = (j + 1 < perRow ? stride[1] : kernel[1] - j * stride[1]) * channels;
    const [starts, ends] = [integers("starts", [j, 0]), integers("ends", [j + rowCount, width])];
    return make("Slice", [pieces, starts, ends, axes], "part");
  });
  const rows = make("Concat", parts, "window_rows", { axis: { kind: "int", value: 2 } });
  const indices = Array.from({ length: grid[0] * grid[1] * kernel[0] }, (_, i) => {
    const [window, row] = [Math.floor(i / kernel[0]), i % kernel[0]];
    return (Math.floor(window / grid[1]) * stride[0] + row) * piecesAcross + (window % grid[1]);
  });
  return { rows, indices, nodes };
}
