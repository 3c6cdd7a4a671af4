import type { Bits } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import type { CapturedSite } from "../capture/capture-sites.js";
import { siteOfCapture } from "../capture/site-of-capture.js";
import { visibleStep } from "../capture/visible-step.js";
import type { OperandEncoding, SiteEncoding } from "../encodings.js";
import { type Operand, operandsOf } from "../operands.js";
import { quantizerOf } from "../quantizers/quantizers.js";
import { type MetricName, metricOf } from "./metric.js";
import type { Multiplier } from "./multiplier.js";
import type { Side } from "./products.js";
import { searchScales } from "./search-scales.js";

/** All that the search of one site needs; crosses threads. */
export interface SiteJob {
  readonly captured: CapturedSite;
  /** The node of the site and its constants. */
  readonly graph: Pick<Graph, "nodes" | "initializers">;
  /** Kind of the quantizer of the left factor. */
  readonly quantizer: string;
  readonly metric: MetricName;
  readonly bitWidths: readonly Bits[];
}

/** Why the search did not choose a scale. */
export interface SiteNote {
  readonly bits: Bits;
  readonly note: "no signal: kept the scale of its range" | "raised: its steps were too fine to show in the output";
}

export interface EncodedSite {
  /** In the order of the bit-widths. */
  readonly encodings: readonly SiteEncoding[];
  readonly notes: readonly SiteNote[];
}

/** Searches the scales of a site at each bit-width. */
export async function encodeSite(job: SiteJob, multiplier: Multiplier): Promise<EncodedSite> {
  const { captured, graph, bitWidths } = job;
  const { site } = captured;
  const search = siteOfCapture(graph, captured, quantizerOf(job.quantizer));
  const operands = operandsOf(graph, site);
  // The input of a convolution stays in float.
  const sides: readonly Side[] = site.kind === "conv" ? ["right"] : ["left", "right"];
  const encodings: SiteEncoding[] = [];
  const notes: SiteNote[] = [];
  for (const bits of bitWidths) {
    const chosen = await searchScales(search, bits, { multiplier, metric: metricOf(job.metric) });
    if (sides.some((side) => chosen[side].indices.includes(null))) {
      notes.push({ bits, note: "no signal: kept the scale of its range" });
    }
    const least = site.kind === "linear" ? visibleStep(search.whole, bits) : 0;
    const isRaised = chosen.left.scales.some((scale) => scale < least);
    if (isRaised) notes.push({ bits, note: "raised: its steps were too fine to show in the output" });
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
  return { encodings, notes };
}
