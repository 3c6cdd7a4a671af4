import type { Bits } from "@quee/core";
import {
  type BlockEncodings,
  type CalibratedBlock,
  calibrateBlocks,
  type GradientMode,
  type MetricName,
  minMaxEncodings,
  ptq4vitEncodings,
  type SearchNote,
  type StemBits,
} from "@quee/ptq4vit-quantizer";
import type { Tensor } from "@quee/tensor";

/** How scales are found. */
export type ScaleSettings =
  | { readonly method: "min-max" }
  | {
      readonly method: "ptq4vit";
      readonly gradient: GradientMode;
      readonly compatibility: "paper" | "reference-code";
      readonly twins: boolean;
      readonly memoryMegabytes: number;
      readonly metric?: MetricName;
    };

export interface FindOptions {
  readonly blocks: readonly CalibratedBlock[];
  readonly settings: ScaleSettings;
  readonly stem: StemBits;
  readonly levels: readonly Bits[];
  /** Calibration images, asked for anew at each pass. */
  readonly batches: () => Iterable<Tensor>;
  readonly labels: Int32Array;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onSite?: (done: number, total: number) => void;
}

/** By block, then by level; and what the search did not choose. */
export interface FoundEncodings {
  readonly blocks: readonly (readonly BlockEncodings[])[];
  readonly notes: readonly SearchNote[];
}

export async function findEncodings(options: FindOptions): Promise<FoundEncodings> {
  const { blocks, settings, stem, levels, batches, labels, threads, signal, onSite } = options;
  if (settings.method === "min-max") {
    const ranges = await calibrateBlocks({ blocks, batches: batches(), signal });
    const encode = ({ graph, sites }: CalibratedBlock, j: number) =>
      levels.map((level) => minMaxEncodings(graph, sites, ranges[j] ?? new Map(), level, { stem, levels }));
    return { blocks: blocks.map(encode), notes: [] };
  }
  const { method: _, memoryMegabytes, ...search } = settings;
  return ptq4vitEncodings({
    ...{ ...search, blocks, batches, labels, stem, workers: threads, signal, bitWidths: levels },
    memoryBytes: memoryMegabytes * 2 ** 20,
    ...(onSite === undefined ? {} : { onSite }),
  });
}
