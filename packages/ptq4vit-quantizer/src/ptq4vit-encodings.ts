import type { Bits } from "@quee/core";
import type { Tensor } from "@quee/tensor";
import type { CalibratedBlock } from "./calibrate-blocks.js";
import { type CapturedSite, captureSites } from "./capture/capture-sites.js";
import type { GradientMode } from "./capture/output-gradients.js";
import { siteOfCapture } from "./capture/site-of-capture.js";
import { visibleStep } from "./capture/visible-step.js";
import type { BlockEncodings, OperandEncoding, SiteEncoding } from "./encodings.js";
import { type Operand, operandsOf } from "./operands.js";
import { postGelu } from "./quantizers/post-gelu-quantizer.js";
import { postSoftmax, postSoftmaxSum } from "./quantizers/post-softmax-quantizer.js";
import type { Quantizer } from "./quantizers/quantizer.js";
import { uniform } from "./quantizers/uniform-quantizer.js";
import { hessian, type Metric } from "./search/metric.js";
import { type Multiplier, openMultiplier } from "./search/multiplier.js";
import type { Side } from "./search/products.js";
import { searchScales } from "./search/search-scales.js";
import { type StemBits, siteBits } from "./stem-bits.js";

export interface Ptq4vitOptions {
  /** In running order, each with its head. */
  readonly blocks: readonly CalibratedBlock[];
  /** Images of the calibration split, batch by batch, [B, 3, H, W]; asked for anew at each pass. */
  readonly batches: () => Iterable<Tensor>;
  readonly bitWidths: readonly Bits[];
  /** `ce-pseudo` by default. */
  readonly gradient?: GradientMode;
  /** For `ce-label`, in the order of the images. */
  readonly labels?: Int32Array;
  readonly metric?: Metric;
  /** `paper` by default: either range of a softmax, not the sum of both that the public code takes. */
  readonly compatibility?: "paper" | "reference-code";
  /** Ranges of their own behind GELU and softmax; on by default. */
  readonly twins?: boolean;
  /** `highest` by default. */
  readonly stem?: StemBits;
  /** What captured activations may take; 1 GiB by default. More images than fit take more passes. */
  readonly memoryBytes?: number;
  /** Threads of the products; 1 by default. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onSite?: (done: number, total: number, site: string) => void;
}

/** A scale that the search did not choose, and why. */
export interface SearchNote {
  readonly block: number;
  readonly bits: Bits;
  readonly node: string;
  readonly note: "no signal: kept the scale of its range" | "raised: its steps were too fine to show in the output";
}

export interface Ptq4vitEncodings {
  /** By block, then in the order of the bit-widths. */
  readonly blocks: readonly (readonly BlockEncodings[])[];
  readonly notes: readonly SearchNote[];
}

/**
 * PTQ4ViT (arXiv 2111.12293): scales that keep the outputs of every product close where the loss is sensitive to them, from one
 * capture of the float network for all bit-widths.
 */
export async function ptq4vitEncodings(options: Ptq4vitOptions): Promise<Ptq4vitEncodings> {
  const { blocks, bitWidths, signal, onSite } = options;
  const found = blocks.map(({ sites }) => bitWidths.map(() => new Array<SiteEncoding | null>(sites.length).fill(null)));
  const notes: SearchNote[] = [];
  const total = blocks.reduce((sum, { sites }) => sum + sites.length, 0);
  let done = 0;
  const multiplier = await openMultiplier({ threads: options.threads ?? 1 });
  try {
    for await (const group of captureSites({
      blocks,
      batches: options.batches,
      gradient: options.gradient ?? "ce-pseudo",
      labels: options.labels ?? null,
      memoryBytes: options.memoryBytes ?? 2 ** 30,
      ...(signal === undefined ? {} : { signal }),
    })) {
      for (const captured of group) {
        signal?.throwIfAborted();
        const { block, site } = captured;
        const at = blocks[block].sites.indexOf(site);
        const levels = bitWidths.map((level) => siteBits(site, level, bitWidths, options.stem ?? "highest"));
        const distinct = [...new Set(levels.filter((level) => level !== null))];
        const encodings = await encodeSite(options, captured, distinct, multiplier, notes);
        for (const [w, level] of levels.entries()) {
          if (level !== null) found[block][w][at] = encodings[distinct.indexOf(level)];
        }
        onSite?.(++done, total, site.node);
      }
    }
  } finally {
    await multiplier.release();
  }
  return {
    blocks: found.map((widths) =>
      widths.map((sites, w) => ({ bits: bitWidths[w], sites: sites.filter((site) => site !== null) })),
    ),
    notes,
  };
}

async function encodeSite(
  options: Ptq4vitOptions,
  captured: CapturedSite,
  bitWidths: readonly Bits[],
  multiplier: Multiplier,
  notes: SearchNote[],
): Promise<readonly SiteEncoding[]> {
  const { block, site } = captured;
  const { graph } = options.blocks[block];
  const search = siteOfCapture(graph, captured, quantizerFor(options, captured));
  const operands = operandsOf(graph, site);
  // The input of a convolution stays in float.
  const sides: readonly Side[] = site.kind === "conv" ? ["right"] : ["left", "right"];
  const encodings: SiteEncoding[] = [];
  for (const bits of bitWidths) {
    const chosen = await searchScales(search, bits, { multiplier, metric: options.metric ?? hessian });
    const note = (text: SearchNote["note"]) => notes.push({ block, bits, node: site.node, note: text });
    if (sides.some((side) => chosen[side].indices.includes(null))) note("no signal: kept the scale of its range");
    const least = site.kind === "linear" ? visibleStep(search.whole, bits) : 0;
    const isRaised = chosen.left.scales.some((scale) => scale < least);
    if (isRaised) note("raised: its steps were too fine to show in the output");
    const leftScales = isRaised ? chosen.left.scales.map((scale) => Math.max(scale, least)) : chosen.left.scales;
    const encode = (operand: Operand, side: Side): OperandEncoding => {
      const { quantizer } = search[side];
      const scales = side === "left" ? leftScales : chosen.right.scales;
      const fixedScale = quantizer.fixedScale(bits);
      return {
        input: operand.input,
        value: operand.value,
        quantizer: quantizer.kind,
        scales: [...scales],
        // Heads are the third dimension from the end of an activation.
        axis: scales.length === 1 ? null : operand.isWeight ? operand.axis : -3,
        ...(fixedScale === null ? {} : { fixedScale }),
      };
    };
    const encoded = operands.map((operand, i) => encode(operand, sides[i]));
    encodings.push({ node: site.node, role: site.role, bits, operands: encoded });
  }
  return encodings;
}

function quantizerFor({ twins = true, compatibility = "paper" }: Ptq4vitOptions, { site }: CapturedSite): Quantizer {
  if (twins && site.postGelu) return postGelu;
  if (twins && site.postSoftmax) return compatibility === "paper" ? postSoftmax : postSoftmaxSum;
  return uniform;
}
