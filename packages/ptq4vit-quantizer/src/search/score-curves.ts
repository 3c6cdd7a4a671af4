import type { Bits } from "@quee/core";
import type { Minimization } from "./alternate.js";
import type { Metric } from "./metric.js";
import { exhaustiveLosses } from "./minimize-exhaustively.js";
import { lossesPlainly } from "./minimize-plainly.js";
import type { Multiplier } from "./multiplier.js";
import type { Side } from "./products.js";
import { part, roundOperand, type SearchSite } from "./search-site.js";

export interface CurveRequest {
  /** Whose candidates are tried. */
  readonly side: Side;
  readonly bits: Bits;
  /** The scales of the other side; null leaves it in float. */
  readonly otherScales: readonly number[] | null;
  readonly metric: Metric;
  /** Products in float32 by onnxruntime; without one, slowly in float64. */
  readonly multiplier?: Multiplier;
}

/** The loss of every candidate of every group of one side, all rows counted: what a search chooses from. */
export async function scoreCurves(site: SearchSite, request: CurveRequest): Promise<readonly Float64Array[]> {
  const { side, bits, otherScales, metric, multiplier } = request;
  const curves: Float64Array[] = [];
  for (const problem of problemsOf(site, side, bits, otherScales)) {
    curves.push(
      multiplier === undefined ? lossesPlainly(metric, problem) : await exhaustiveLosses(metric, multiplier, problem),
    );
  }
  return curves;
}

function problemsOf(
  site: SearchSite,
  side: Side,
  bits: Bits,
  otherScales: readonly number[] | null,
): readonly Minimization[] {
  const operand = site[side];
  const other = site[side === "left" ? "right" : "left"];
  const values = otherScales === null ? other.data : roundOperand(other, otherScales, bits);
  const { quantizer, ranges } = operand;
  return ranges.map((range, g) => {
    const cell = ranges.length > 1 ? g : null;
    return {
      products: cell === null ? site.whole : site.cells[cell],
      side,
      other: cell === null || other.isShared ? values : part(values, cell, site.cells.length),
      candidates: quantizer.candidates(range, bits, `site "${site.name}"`),
      bits,
      operand,
      cell,
    };
  });
}
