import { type Bits, bits, type CostTable, legalPaths, type PathSpace, pathKey } from "@quee/core";
import { parsePreprocessorConfig } from "@quee/datasets";
import {
  createGates,
  type GateArchitecture,
  type Gates,
  gatesToJson,
  initialNetwork,
  parseGates,
} from "@quee/gate-predictors";
import { encodeModel } from "@quee/onnx-codec";
import { GraphBuilder } from "@quee/onnx-graph";
import { openPool } from "@quee/onnx-session";
import { collectPathTable } from "@quee/path-runtime";
import type { PathTable } from "@quee/path-tables";
import { firstGateByRouting, foresee, sweepBehind, sweepsByFirstBits } from "@quee/router";
import { randomStream, type Tensor } from "@quee/tensor";
import type { AdaptiveModel } from "../model.js";

const [exitCount, classCount] = [3, 4];
/** [C, H, W] */
export const imageShape = [3, 2, 2] as const;
export const space: PathSpace = {
  levels: [bits(8), bits(6), bits(4)],
  exitCount,
  order: "monotone",
  firstBlock: "highest",
};

/** Block 1 at any level. */
export const freeSpace: PathSpace = { ...space, firstBlock: "any" };

function numbers(name: string, length: number, scale: number): Float32Array {
  const random = randomStream(7, name);
  return Float32Array.from({ length }, () => scale * random.normal());
}

/** tanh(x·W + b) of 12 numbers, and logits of them; every block and level has numbers of its own. */
export function smallBlock(block: number, level: Bits): Uint8Array {
  const graph = new GraphBuilder(`block ${block}`);
  const normal = (name: string, shape: readonly number[], scale: number) =>
    graph.tensor(
      name,
      shape,
      numbers(
        `${name} ${block} ${level}`,
        shape.reduce((product, dim) => product * dim, 1),
        scale,
      ),
    );
  const input = graph.input(block === 1 ? "pixel_values" : "hidden_states_in", ["batch", ...imageShape]);
  const flat = graph.reshape(input, [0, 12]);
  const product = graph.plus(graph.matMul(flat, normal("weight", [12, 12], 0.5)), normal("bias", [12], 0.3));
  const squashed = graph.add("Tanh", [product]);
  graph.output(graph.matMul(squashed, normal("head", [12, classCount], 1.5), "logits"), ["batch", classCount]);
  if (block < exitCount)
    graph.output(graph.reshape(squashed, [0, ...imageShape], "hidden_states"), ["batch", ...imageShape]);
  return encodeModel(graph.build());
}

const architecture: GateArchitecture = { reading: "A", embedding: 8, hidden: 16, classCount, exitCount };

/** Random gates of large weights, which send images every way that the space allows. */
export function smallGates(of: PathSpace = space): Gates {
  const networks = [2, 3].map((gate) => [gate, initialNetwork(architecture, randomStream(7, `gate ${gate}`))] as const);
  const { gates, ...rest } = gatesToJson(createGates(architecture, of, new Map(networks)));
  const louder = gates.map(({ gate, parameters }) => ({
    gate,
    parameters: parameters.map(({ values, ...parameter }) => ({
      ...parameter,
      values: values.map((value) => 2.5 * value),
    })),
  }));
  return parseGates({ ...rest, gates: louder });
}

const bitsOf = (path: readonly number[]) => path.reduce((sum, level) => sum + level, 0);
const tableOf = (name: string, unitCost: number, cost: (path: readonly Bits[]) => number): CostTable => ({
  ...{ name, unit: "BitOPs", unitCost },
  byPath: new Map(legalPaths(freeSpace).map((path) => [pathKey(path), cost(path)])),
});
export const costTables = {
  "with-stem": tableOf("bits", 24_000, (path) => bitsOf(path) / 24),
  "blocks-only": tableOf("blocks", 24, (path) => path.length / 3),
} as const;

/** @returns [N, 3, 2, 2] */
export function randomImages(count: number, name = "images"): Tensor {
  return { shape: [count, ...imageShape], data: numbers(name, 12 * count, 1) };
}

/** p̂ of every path, as an experiment collects it. */
export async function collected(images: Tensor, of: PathSpace = space): Promise<PathTable<"validation">> {
  const pool = await openPool({ workers: 1 });
  try {
    const blocks = { exitCount, classCount, model: (block: number, level: Bits) => `${block} ${level}` };
    for (let block = 1; block <= exitCount; block++) {
      for (const level of space.levels) pool.register(blocks.model(block, level), smallBlock(block, level));
    }
    const [count] = images.shape as [number];
    const batch = (indices: Int32Array): Tensor => ({
      shape: [indices.length, ...imageShape],
      data: Float32Array.from(Array.from(indices, (i) => [...images.data.subarray(12 * i, 12 * (i + 1))]).flat()),
    });
    const labels = Int32Array.from({ length: count }, (_, i) => (i * 7) % classCount);
    return await collectPathTable({
      pool,
      blocks,
      images: { count, batch },
      paths: legalPaths(of),
      role: "validation",
      labels,
    });
  } finally {
    await pool.close();
  }
}

/** A model of three tiny blocks at three levels, with the curves that 300 random images give; its first gate chooses where it can. */
export async function smallModel(of: PathSpace = space): Promise<AdaptiveModel> {
  const gates = smallGates(of);
  const table = await collected(randomImages(300, "validation"), of);
  const foresight = foresee((view) => gates.predict(view), table, { space: of });
  return {
    name: "small",
    arithmetic: "fake-quant",
    imageShape,
    classNames: ["cat", "dog", "fox", "owl"],
    preprocessing: parsePreprocessorConfig({ do_resize: true, size: { height: 2, width: 2 }, do_normalize: false }),
    gates,
    routing: Object.entries(costTables).map(([name, costs]) => {
      const sweeps = sweepsByFirstBits(foresight, { costs });
      const firstGate = firstGateByRouting(sweeps);
      const chosen = sweeps.size > 1 ? { firstGate } : {};
      return { name, costs, ...chosen, curve: sweepBehind(firstGate, sweeps).points };
    }),
    floatTop1: 0.4,
    block: smallBlock,
  };
}
