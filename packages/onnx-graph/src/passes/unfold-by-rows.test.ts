import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { type Constant, constant, type Graph } from "../graph.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { removeDeadCode } from "./remove-dead-code.js";
import { unfoldByRows } from "./unfold-by-rows.js";

interface Split {
  readonly channels: number;
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: number;
}

/** Tokens of a soft split, and what reads them: by default a layer norm, then two linear layers. */
function softSplit(
  { channels, size, kernel, stride, pad }: Split,
  { isMadeOfTokens, read = normed }: { readonly isMadeOfTokens: boolean; readonly read?: typeof normed },
): Graph {
  const g = new GraphBuilder("soft split");
  const [height, width] = size;
  const places = kernel[0] * kernel[1];
  const image = isMadeOfTokens
    ? g.add("Reshape", [
        g.transpose(g.input("x", ["batch", height * width, channels]), [0, 2, 1]),
        g.int64([0, channels, height, width]),
      ])
    : g.input("x", ["batch", channels, height, width]);
  const kernels = Float32Array.from({ length: channels * places * places }, (_, i) =>
    Math.floor(i / places) % places === i % places ? 1 : 0,
  );
  const conv = g.add("Conv", [image, g.tensor("kernels", [channels * places, 1, ...kernel], kernels)], {
    ...{ group: channels, kernel_shape: kernel, strides: stride, pads: [pad, pad, pad, pad] },
  });
  const count = size.map((side, i) => Math.floor((side + 2 * pad - kernel[i]) / stride[i]) + 1);
  const rows = g.add("Reshape", [conv, g.int64([0, channels * places, count[0] * count[1]])]);
  read(g, g.transpose(rows, [0, 2, 1]), channels * places);
  return g.build();
}

function normed(g: GraphBuilder, tokens: string, width: number): void {
  const norm = g.add("LayerNormalization", [tokens, g.initializer("w", ramp(width)), g.initializer("b", ramp(width))], {
    axis: -1,
  });
  for (const name of ["queries", "keys"]) g.output(g.matMul(norm, g.initializer(name, ramp(width, 3))));
}

function linear(g: GraphBuilder, tokens: string, width: number): void {
  g.output(g.matMul(tokens, g.initializer("weight", ramp(width, 3))));
}

const splits: readonly (readonly [string, Split])[] = [
  ["windows of 3 by 3, two apart", { channels: 4, size: [6, 6], kernel: [3, 3], stride: [2, 2], pad: 1 }],
  ["windows of 7 by 7, four apart", { channels: 3, size: [16, 12], kernel: [7, 7], stride: [4, 4], pad: 2 }],
  ["wide windows, close together", { channels: 2, size: [5, 7], kernel: [2, 5], stride: [1, 2], pad: 0 }],
  [
    "windows with gaps, and columns that none reaches",
    { channels: 2, size: [7, 8], kernel: [2, 2], stride: [3, 3], pad: 0 },
  ],
];

const numbersOf = (value: Constant | undefined) => [...(value?.data ?? [])].map(Number);

/** Layer norms in the operators that are evaluated. */
function withoutNorms(graph: Graph): Graph {
  const nodes = graph.nodes.flatMap((node) => {
    if (node.op !== "LayerNormalization") return [node];
    const g = new GraphBuilder("norm");
    const [x, w, b] = node.inputs;
    const mean = (value: string) => g.add("ReduceMean", [value], { axes: [2] }, `mean of ${value}`);
    const name = (stem: string) => `${node.name}_${stem}`;
    const centred = g.add("Sub", [x, mean(x)], {}, name("centred"));
    const deviation = g.add("Sqrt", [mean(g.times(centred, centred, name("squares")))], {}, name("deviation"));
    const scaled = g.times(g.add("Div", [centred, deviation], {}, name("standard")), w, name("scaled"));
    g.plus(scaled, b, node.outputs[0]);
    return g.build().nodes;
  });
  return { ...graph, nodes };
}

/** Convolutions are not evaluated operator by operator: the windows as the definition has them. */
function unfolded(graph: Graph, input: ReturnType<typeof ramp>, split: Split, isMadeOfTokens: boolean) {
  const [height, width] = split.size;
  const { channels, kernel, stride, pad } = split;
  const conv = graph.nodes.find(({ op }) => op === "Conv") as Graph["nodes"][number];
  const at = (b: number, c: number, y: number, x: number) => {
    if (y < 0 || x < 0 || y >= height || x >= width) return 0;
    const place = y * width + x;
    return isMadeOfTokens
      ? Number(input.data[(b * height * width + place) * channels + c])
      : Number(input.data[(b * channels + c) * height * width + place]);
  };
  const [rows, columns] = split.size.map((side, i) => Math.floor((side + 2 * pad - kernel[i]) / stride[i]) + 1);
  const data: number[] = [];
  for (let b = 0; b < input.dims[0]; b++)
    for (let c = 0; c < channels; c++)
      for (let ky = 0; ky < kernel[0]; ky++)
        for (let kx = 0; kx < kernel[1]; kx++)
          for (let y = 0; y < rows; y++)
            for (let x = 0; x < columns; x++) data.push(at(b, c, y * stride[0] - pad + ky, x * stride[1] - pad + kx));
  const dims = [input.dims[0], channels * kernel[0] * kernel[1], rows, columns];
  const behind = graph.nodes.slice(graph.nodes.indexOf(conv) + 1);
  return interpret(
    withoutNorms({ ...graph, nodes: behind }),
    new Map([[conv.outputs[0], constant(dims, Float32Array.from(data))]]),
  );
}

test.each(
  splits.flatMap(([name, split]) => [
    [`${name}, of an image of tokens`, split, true] as const,
    [`${name}, of an image of pixels`, split, false] as const,
  ]),
)("%s come by one Gather and give the same", (_, split, isMadeOfTokens) => {
  for (const read of [normed, linear]) {
    const graph = softSplit(split, { isMadeOfTokens, read });
    const rewritten = removeDeadCode.apply(unfoldByRows.apply(graph));
    expect(opsOf(rewritten)).not.toContain("Conv");
    expect(opsOf(rewritten).filter((op) => op === "Gather")).toHaveLength(1);
    expect(unfoldByRows.apply(rewritten)).toBe(rewritten);
    const [height, width] = split.size;
    const dims = isMadeOfTokens ? [2, height * width, split.channels] : [2, split.channels, height, width];
    const before = unfolded(graph, ramp(...dims), split, isMadeOfTokens);
    const after = interpret(withoutNorms(rewritten), new Map([["x", ramp(...dims)]]));
    for (const { name } of graph.outputs) {
      const [expected, got] = [before.get(name), after.get(name)];
      expect(got?.dims).toEqual(expected?.dims);
      // The sums run in another order.
      const largest = Math.max(...numbersOf(expected).map(Math.abs));
      const differences = numbersOf(got).map((value, i) => Math.abs(value - (numbersOf(expected)[i] as number)));
      expect(Math.max(...differences)).toBeLessThan(1e-5 * largest);
    }
  }
});

test("zeros outside the image are taken no oftener than tokens", () => {
  const split = softSplit(splits[0][1], { isMadeOfTokens: true });
  const graph = unfoldByRows.apply(split);
  const gather = graph.nodes.find(({ op }) => op === "Gather");
  const taken = new Map<number, number>();
  for (const index of numbersOf(graph.initializers.get(gather?.inputs[1] ?? "")))
    taken.set(index, (taken.get(index) ?? 0) + 1);
  expect(Math.max(...taken.values())).toBe(4);
});

test.each<[string, typeof normed]>([
  ["somebody adds something to", (g, tokens) => g.output(g.plus(tokens, g.scalar(1)))],
  ["are an output", (g, tokens) => g.output(tokens)],
  [
    "have a norm that somebody reads element by element",
    (g, tokens, width) => {
      const norm = g.add("LayerNormalization", [tokens, g.initializer("w", ramp(width))], { axis: -1 });
      g.output(g.times(norm, g.initializer("factors", ramp(width))));
    },
  ],
  ["are multiplied with each other", (g, tokens) => g.output(g.matMul(tokens, g.transpose(tokens, [0, 2, 1])))],
])("tokens that %s stay in order", (_, read) => {
  const graph = softSplit(splits[0][1], { isMadeOfTokens: true, read });
  expect(unfoldByRows.apply(graph)).toBe(graph);
});

test("a depthwise convolution that multiplies stays", () => {
  const graph = softSplit(splits[0][1], { isMadeOfTokens: true });
  const halved = [...graph.initializers].map(([name, value]) =>
    value.dims.length === 4
      ? ([
          name,
          constant(
            value.dims,
            Float32Array.from(numbersOf(value), (x) => x / 2),
          ),
        ] as const)
      : ([name, value] as const),
  );
  const changed = { ...graph, initializers: new Map(halved) };
  expect(unfoldByRows.apply(changed)).toBe(changed);
});
