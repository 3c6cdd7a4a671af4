import { differentiate } from "@quee/onnx-autodiff";
import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import type { Tensor } from "@quee/tensor";
import type { CalibratedBlock } from "../calibrate-blocks.js";
import { noCalibrationImages, otherImages } from "../calibration-images.js";
import { assertFiniteWeights } from "./assert-finite-weights.js";
import { type ChainedNetwork, type ChainedSite, chainBlocks } from "./chain-blocks.js";
import { exitGradient } from "./exit-gradient.js";
import { layerGroups, valuesOf } from "./layer-groups.js";
import { type GradientMode, type OutputGradients, outputGradients } from "./output-gradients.js";
import { addSquares, type Recording, record, tensorOf } from "./recording.js";

export interface CaptureOptions {
  /** In running order, each with its head. */
  readonly blocks: readonly CalibratedBlock[];
  /** Images of the calibration split, batch by batch, [B, 3, H, W]; asked for anew at each pass. */
  readonly batches: () => Iterable<Tensor>;
  readonly gradient: GradientMode;
  /** For `ce-label`, in the order of the images. */
  readonly labels: Int32Array | null;
  /** What may be held at a time, in bytes. */
  readonly memoryBytes: number;
  readonly signal?: AbortSignal;
}

/** What a site saw over all calibration images. */
export interface CapturedSite {
  readonly block: number;
  readonly site: ChainedSite["site"];
  /** The activations that went in: one, or both factors. */
  readonly inputs: readonly Tensor[];
  /** What the node gave; of a Gemm with the bias, of others without. */
  readonly output: Tensor;
  /** ∂L/∂output */
  readonly gradient: Tensor;
}

/**
 * Inputs, outputs and gradients of every site of the float network, for all bit-widths alike. The network runs forwards once for its
 * logits, then forwards and backwards once for each group of layers that fits the memory budget (with `fisher`: once per class).
 */
export async function* captureSites(options: CaptureOptions): AsyncGenerator<readonly CapturedSite[]> {
  assertFiniteWeights(options.blocks);
  const network = chainBlocks(options.blocks);
  const { batches, gradient, labels, memoryBytes, signal } = options;
  const last = options.blocks.length - 1;
  // An exit in the middle leads nowhere but to its own answer.
  const isExit = ({ block, site }: ChainedSite) => site.role === "head" && block < last;
  const seeds: { readonly images: number; readonly gradients: OutputGradients }[] = [];
  let images = 0;
  const forward = await openSession({ ...network.graph, outputs: [outputOf(network.logits)] });
  try {
    for (const batch of batches()) {
      signal?.throwIfAborted();
      const logits = (await forward.run({ [network.graph.inputs[0].name]: batch }))[network.logits] as Tensor;
      const own = labels === null ? null : labels.subarray(images, images + batch.shape[0]);
      seeds.push({ images: batch.shape[0], gradients: outputGradients(gradient, logits, own) });
      images += batch.shape[0];
    }
  } finally {
    await forward.release();
  }
  if (images === 0) throw noCalibrationImages();
  for (const group of layerGroups(network, network.sites, images, memoryBytes)) {
    const onPath = group.filter((one) => !isExit(one));
    const { values, squares } = await runGroup(network, onPath, group, { batches, seeds, images, signal });
    yield group.map((one) => {
      const output = tensorOf(values, one.node.outputs[0]);
      const inputs = valuesOf(one).slice(0, -1);
      return {
        block: one.block,
        site: one.site,
        inputs: inputs.map((name) => tensorOf(values, name)),
        output,
        gradient: isExit(one) ? exitGradient(options, one, output) : tensorOf(squares, one.node.outputs[0]),
      };
    });
  }
}

interface Pass {
  readonly batches: () => Iterable<Tensor>;
  /** Batch by batch. */
  readonly seeds: readonly { readonly images: number; readonly gradients: OutputGradients }[];
  readonly images: number;
  readonly signal: AbortSignal | undefined;
}

async function runGroup(
  network: ChainedNetwork,
  onPath: readonly ChainedSite[],
  group: readonly ChainedSite[],
  { batches, seeds, images, signal }: Pass,
) {
  const products = onPath.map(({ node }) => node.outputs[0]);
  const { graph, gradients } = withGradients(network, products);
  const inputName = graph.inputs[0].name;
  // An input of the network cannot be its output: it is taken from the batch.
  const wanted = [...new Set(group.flatMap(valuesOf))].filter((name) => name !== inputName);
  const session = await openSession({ ...graph, outputs: [...wanted, ...gradients.values()].map(outputOf) });
  const values = new Map<string, Recording>();
  const squares = new Map<string, Recording>();
  let from = 0;
  try {
    let b = 0;
    for (const batch of batches()) {
      if (seeds[b]?.images !== batch.shape[0]) throw otherImages(images, from + batch.shape[0]);
      const { count, at } = seeds[b].gradients;
      for (let s = 0; s < count; s++) {
        signal?.throwIfAborted();
        const feeds = products.length === 0 ? { [inputName]: batch } : { [inputName]: batch, [SEED]: at(s) };
        const outputs = await session.run(feeds);
        if (s === 0) {
          for (const name of wanted) record(values, name, outputs[name] as Tensor, from, images);
          record(values, inputName, batch, from, images);
        }
        for (const [name, gradient] of gradients) {
          addSquares(squares, name, outputs[gradient] as Tensor, { from, images, isOnly: count === 1 });
        }
      }
      from += batch.shape[0];
      b++;
    }
  } finally {
    await session.release();
  }
  if (from !== images) throw otherImages(images, from);
  if (seeds[0].gradients.count > 1) {
    for (const { data } of squares.values()) for (let i = 0; i < data.length; i++) data[i] = Math.sqrt(data[i]);
  }
  return { values, squares };
}

const SEED = "output_gradient";

/** L = Σ logits·seed has the seed as its gradient at the logits, whatever loss the seed comes from. */
function withGradients({ graph, logits }: ChainedNetwork, products: readonly string[]) {
  if (products.length === 0) return { graph, gradients: new Map<string, string>() };
  const builder = GraphBuilder.from(graph);
  builder.input(SEED, ["batch", null]);
  const loss = builder.reduceSum(builder.times(logits, SEED), [0, 1], false);
  return differentiate(builder.build(), { loss, withRespectTo: products });
}

function outputOf(name: string): Graph["outputs"][number] {
  return { name, dtype: "float32", shape: null };
}
