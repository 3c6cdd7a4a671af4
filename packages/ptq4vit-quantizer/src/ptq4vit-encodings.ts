import type { Bits } from "@quee/core";
import type { Tensor } from "@quee/tensor";
import type { CalibratedBlock } from "./calibrate-blocks.js";
import { type CapturedSite, captureSites } from "./capture/capture-sites.js";
import type { GradientMode } from "./capture/output-gradients.js";
import type { BlockEncodings, SiteEncoding } from "./encodings.js";
import { postGelu } from "./quantizers/post-gelu-quantizer.js";
import { postSoftmax, postSoftmaxSum } from "./quantizers/post-softmax-quantizer.js";
import type { Quantizer } from "./quantizers/quantizer.js";
import { uniform } from "./quantizers/uniform-quantizer.js";
import type { SiteJob, SiteNote } from "./search/encode-site.js";
import type { MetricName } from "./search/metric.js";
import { openSiteSearch } from "./search/site-search.js";
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
  /** `hessian` by default. */
  readonly metric?: MetricName;
  /** `paper` by default: either range of a softmax, not the sum of both that the public code takes. */
  readonly compatibility?: "paper" | "reference-code";
  /** Ranges of their own behind GELU and softmax; on by default. */
  readonly twins?: boolean;
  /** `highest` by default. */
  readonly stem?: StemBits;
  /**
   * What captured activations may take; 1 GiB by default. More images than fit take more passes. Each search holds a copy of one
   * product's besides.
   */
  readonly memoryBytes?: number;
  /** Threads that search beside this one; 0, the default, searches in this one. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly onSite?: (done: number, total: number, site: string) => void;
}

/** A scale that the search did not choose, and why. */
export interface SearchNote extends SiteNote {
  readonly block: number;
  readonly node: string;
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
  const search = await openSiteSearch(options.workers ?? 0);
  try {
    for await (const group of captureSites({
      blocks,
      batches: options.batches,
      gradient: options.gradient ?? "ce-pseudo",
      labels: options.labels ?? null,
      memoryBytes: options.memoryBytes ?? 2 ** 30,
      ...(signal === undefined ? {} : { signal }),
    })) {
      const levels = group.map(({ site }) =>
        bitWidths.map((level) => siteBits(site, level, bitWidths, options.stem ?? "highest")),
      );
      const distinct = levels.map((of) => [...new Set(of.filter((level) => level !== null))]);
      const jobs = group.map((captured, i) => jobOf(options, captured, distinct[i]));
      const encoded = await search.encode(jobs, {
        signal,
        onSite: ({ captured }) => onSite?.(++done, total, captured.site.node),
      });
      for (const [i, { block, site }] of group.entries()) {
        for (const [w, level] of levels[i].entries()) {
          if (level === null) continue;
          found[block][w][blocks[block].sites.indexOf(site)] = encoded[i].encodings[distinct[i].indexOf(level)];
        }
        notes.push(...encoded[i].notes.map((note) => ({ block, node: site.node, ...note })));
      }
    }
  } finally {
    await search.close();
  }
  return {
    blocks: found.map((widths) =>
      widths.map((sites, w) => ({ bits: bitWidths[w], sites: sites.filter((site) => site !== null) })),
    ),
    notes,
  };
}

/** What the search of a site needs of its graph. */
function jobOf(options: Ptq4vitOptions, captured: CapturedSite, bitWidths: readonly Bits[]): SiteJob {
  const { nodes, initializers } = options.blocks[captured.block].graph;
  const node = nodes.find(({ name }) => name === captured.site.node);
  const constants = [...(node?.inputs ?? []), captured.site.bias].flatMap((name) => {
    const value = initializers.get(name ?? "");
    return value === undefined ? [] : [[name as string, value] as const];
  });
  return {
    captured,
    graph: { nodes: node === undefined ? [] : [node], initializers: new Map(constants) },
    quantizer: quantizerFor(options, captured).kind,
    metric: options.metric ?? "hessian",
    bitWidths,
  };
}

function quantizerFor({ twins = true, compatibility = "paper" }: Ptq4vitOptions, { site }: CapturedSite): Quantizer {
  if (twins && site.postGelu) return postGelu;
  if (twins && site.postSoftmax) return compatibility === "paper" ? postSoftmax : postSoftmaxSum;
  return uniform;
}
