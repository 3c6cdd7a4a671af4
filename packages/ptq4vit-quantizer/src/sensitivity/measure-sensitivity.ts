import type { Bits } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import type { Tensor } from "@quee/tensor";
import type { SiteRole } from "@quee/vit-blocks";
import type { CalibratedBlock } from "../calibrate-blocks.js";
import { noCalibrationImages } from "../calibration-images.js";
import type { BlockEncodings, SiteEncoding } from "../encodings.js";
import { fakeQuantizeGraph } from "../fake-quantize-graph.js";
import { klDivergences } from "./divergence.js";
import { fromPart, type NetworkPart, networkParts } from "./network-parts.js";

export interface SensitivityOptions {
  /** The whole network: `wholeNetwork`. */
  readonly network: CalibratedBlock;
  /** Of the whole network, one per level, its stem at the levels too. */
  readonly encodings: readonly BlockEncodings[];
  /** Images that the scales were not chosen on, batch by batch, [B, 3, H, W]. Outputs of one part for all of them are in memory. */
  readonly batches: Iterable<Tensor>;
  /** Threads of a session; 1 by default. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onDone?: (done: number, total: number) => void;
}

/** What it does to the network to round one thing alone. */
export interface Sensitivity {
  /** `stem`, `block 1` …, `head` */
  readonly part: string;
  /** The product; null: every product of the part. */
  readonly site: { readonly node: string; readonly role: SiteRole } | null;
  readonly bits: Bits;
  /** ‖y − ŷ‖ / ‖y‖ of its output over all images, bias included; everything before it in float. */
  readonly relativeError: number;
  /** Mean KL(float ‖ with only this rounded) of the answers, in nats. */
  readonly klDivergence: number;
}

/**
 * Rounds each product alone, and each part of the network alone, at each level, and looks how far its output and the network's
 * answers move. By part, all of it first; then by level in the order given.
 */
export async function measureSensitivity(options: SensitivityOptions): Promise<readonly Sensitivity[]> {
  const { network, encodings, signal, onDone } = options;
  const parts = networkParts(network).filter(({ sites }) => sites.length > 0);
  const total = parts.reduce((sum, { sites }) => sum + sites.length + 1, 0) * encodings.length;
  const logits = network.graph.outputs[0].name;
  const rows: Sensitivity[] = [];
  let inputs: readonly Tensor[] = [...options.batches];
  if (inputs.length === 0) throw noCalibrationImages();
  for (const part of networkParts(network)) {
    const watched = [...new Set([part.output, logits, ...part.sites.map(({ output }) => output)])];
    const suffix = fromPart(network.graph, part, watched);
    const float = await runAll(suffix, part.input, inputs, options);
    const measure = async (site: Sensitivity["site"], output: string, level: Bits, sites: readonly SiteEncoding[]) => {
      signal?.throwIfAborted();
      const outputs = [...new Set([output, logits])].map((name) => ({ name, dtype: "float32" as const, shape: null }));
      const rounded = { ...fakeQuantizeGraph(suffix, { bits: level, sites }), outputs };
      const got = await runAll(rounded, part.input, inputs, options);
      const pairs = (name: string) => float.map((one, i) => [one[name], got[i][name]] as const);
      rows.push({
        ...{ part: part.name, site, bits: level },
        relativeError: relativeError(pairs(output)),
        klDivergence: mean(pairs(logits).flatMap(([p, q]) => [...klDivergences(p, q)])),
      });
      onDone?.(rows.length, total);
    };
    if (part.sites.length > 0) {
      for (const { bits, sites } of encodings) await measure(null, part.output, bits, encodingsOf(part, sites));
    }
    for (const { node, role, output } of part.sites) {
      for (const { bits, sites } of encodings) {
        await measure(
          { node, role },
          output,
          bits,
          sites.filter((site) => site.node === node),
        );
      }
    }
    inputs = float.map((outputs) => outputs[part.output]);
  }
  return rows;
}

function encodingsOf({ sites }: NetworkPart, encodings: readonly SiteEncoding[]): readonly SiteEncoding[] {
  return encodings.filter(({ node }) => sites.some((site) => site.node === node));
}

async function runAll(
  graph: Graph,
  input: string,
  batches: readonly Tensor[],
  { threads = 1, signal }: SensitivityOptions,
): Promise<readonly Readonly<Record<string, Tensor>>[]> {
  const session = await openSession(graph, { threads });
  try {
    const outputs: Record<string, Tensor>[] = [];
    for (const batch of batches) {
      signal?.throwIfAborted();
      outputs.push(await session.run({ [input]: batch }));
    }
    return outputs;
  } finally {
    await session.release();
  }
}

function relativeError(pairs: readonly (readonly [Tensor, Tensor])[]): number {
  let [error, size] = [0, 0];
  for (const [y, rounded] of pairs) {
    for (let i = 0; i < y.data.length; i++) {
      error += (y.data[i] - rounded.data[i]) ** 2;
      size += y.data[i] ** 2;
    }
  }
  // Of an output of zeros all is lost where rounding moves it, and nothing where it does not.
  return size === 0 ? Math.sign(error) : Math.sqrt(error / size);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
