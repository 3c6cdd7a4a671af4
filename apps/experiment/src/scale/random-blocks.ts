import { encodeModel } from "@quee/onnx-codec";
import { cleanGraph } from "@quee/onnx-graph";
import { exactWeightType, openPool, type SessionPool } from "@quee/onnx-session";
import type { BlockSet } from "@quee/path-runtime";
import { calibrateBlocks, fakeQuantizeGraph, integerGraph, minMaxEncodings } from "@quee/ptq4vit-quantizer";
import { randomStream, type Tensor } from "@quee/tensor";
import { buildArchitecture } from "@quee/vit-architectures";
import { analyzeVit, attachHead, cutBlocks, type Head, quantizableSites } from "@quee/vit-blocks";
import { classCount, exits, levels, type Shape } from "./shapes.js";

/** How quantized blocks compute. */
export type Arithmetic = "fake-quant" | "integer";

/** Random images, [n, 3, H, W]: what a block computes does not say how long it takes. */
export function randomImages({ imageSize }: Pick<Shape, "imageSize">, numbers: ArrayLike<number>): Tensor {
  const size = 3 * imageSize ** 2;
  const data = new Float32Array(numbers.length * size);
  for (let i = 0; i < numbers.length; i++) {
    const random = randomStream(numbers[i] ?? 0, "image");
    for (let at = 0; at < size; at++) data[i * size + at] = 4 * random.uniform() - 2;
  }
  return { shape: [numbers.length, 3, imageSize, imageSize], data };
}

/** The blocks of a network of random weights at every level, in a pool. Scales are those of the ranges over two images. */
export async function openRandomBlocks(
  shape: Shape,
  { threads, arithmetic }: { readonly threads: number; readonly arithmetic: Arithmetic },
): Promise<{ readonly pool: SessionPool; readonly blocks: BlockSet }> {
  const { architecture, imageSize } = shape;
  const graph = cleanGraph(buildArchitecture(architecture, { imageSize, classCount, seed: 1 }));
  const cut = cutBlocks(graph, analyzeVit(graph), exits).map((block, j) => {
    const width = Number(block.graph.outputs.find(({ name }) => name === "exit_features")?.shape?.[1]);
    const whole = attachHead(block, randomHead(width, j));
    return { index: block.index, graph: whole, sites: quantizableSites(whole) };
  });
  const ranges = await calibrateBlocks({ blocks: cut, batches: [randomImages(shape, [0, 1])] });
  const pool = await openPool({ workers: threads });
  const weights = arithmetic === "integer" ? await exactWeightType() : null;
  for (const [j, block] of cut.entries()) {
    for (const level of levels) {
      const encoded = minMaxEncodings(block.graph, block.sites, ranges[j] ?? new Map(), level, { levels });
      const quantized =
        weights === null ? fakeQuantizeGraph(block.graph, encoded) : integerGraph(block.graph, encoded, { weights });
      pool.register(`${block.index}@${level}`, encodeModel(quantized));
    }
  }
  const model: BlockSet["model"] = (block, level) => `${block}@${level}`;
  return { pool, blocks: { exitCount: exits.length, classCount, model } };
}

function randomHead(width: number, j: number): Head {
  const random = randomStream(j, "head");
  const weight = Float32Array.from({ length: width * classCount }, () => 0.02 * random.normal());
  return {
    weight: { shape: [width, classCount], data: weight },
    bias: { shape: [classCount], data: new Float32Array(classCount) },
  };
}
