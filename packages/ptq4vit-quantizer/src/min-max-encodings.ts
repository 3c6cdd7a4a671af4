import { type Bits, QueeError } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import type { Site } from "@quee/vit-blocks";
import type { BlockEncodings, OperandEncoding } from "./encodings.js";
import { groupRuns } from "./group-runs.js";
import { type Operand, operandsOf } from "./operands.js";
import { largestMagnitude, minMaxScale } from "./quantizers/uniform-quantizer.js";
import { type StemBits, siteBits } from "./stem-bits.js";

/** max|x| of activations over the calibration images, by value. */
export type Ranges = ReadonlyMap<string, number>;

export interface MinMaxOptions {
  /** `highest` by default. */
  readonly stem?: StemBits;
  /** All levels that there are: a stem may run at the highest. */
  readonly levels?: readonly Bits[];
}

/**
 * Scales from the largest magnitude that was seen: symmetric, uniform, the granularity of PTQ4ViT without its search or its
 * twin ranges. The search starts from these scales.
 */
export function minMaxEncodings(
  graph: Graph,
  sites: readonly Site[],
  ranges: Ranges,
  bits: Bits,
  { stem = "highest", levels = [bits] }: MinMaxOptions = {},
): BlockEncodings {
  const encode = (site: Site, operand: Operand, width: Bits): OperandEncoding => ({
    input: operand.input,
    value: operand.value,
    axis: operand.axis,
    scales: magnitudesOf(graph, operand, ranges).map((m) =>
      minMaxScale(m, width, `site "${site.node}", "${operand.value}"`),
    ),
  });
  return {
    bits,
    sites: sites.flatMap((site) => {
      const width = siteBits(site, bits, levels, stem);
      if (width === null) return [];
      const operands = operandsOf(graph, site).map((operand) => encode(site, operand, width));
      return [{ node: site.node, role: site.role, bits: width, operands }];
    }),
  };
}

function magnitudesOf(graph: Graph, { value, isWeight, groups, axis }: Operand, ranges: Ranges): readonly number[] {
  if (!isWeight) {
    const range = ranges.get(value);
    if (range !== undefined) return [range];
    throw new QueeError({
      code: "E_NOT_CALIBRATED",
      kind: "internal",
      where: `activation "${value}"`,
      expected: "its range over the calibration images",
      got: "none",
    });
  }
  const weight = graph.initializers.get(value);
  const data = weight?.data as Float32Array;
  const magnitudes: number[] = new Array(groups).fill(0);
  if (axis === null) return [largestMagnitude(data)];
  for (const { group, from, until } of groupRuns(weight?.dims ?? [], axis, groups)) {
    magnitudes[group] = Math.max(magnitudes[group], largestMagnitude(data.subarray(from, until)));
  }
  return magnitudes;
}
