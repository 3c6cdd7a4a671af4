import type { Bits } from "@quee/core";
import type { Minimization } from "./alternate.js";
import type { Metric } from "./metric.js";
import { lossesPlainly } from "./minimize-plainly.js";
import type { Side } from "./products.js";
import { part, roundOperand, type SearchSite } from "./search-site.js";

export interface CurveRequest {
  /** Whose candidates are tried. */
  readonly side: Side;
  readonly bits: Bits;
  /** The scales of the other side; null leaves it in float. */
  readonly otherScales: readonly number[] | null;
  readonly metric: Metric;
}

/** The loss of every candidate of every group of one side, in plain loops: what a search chooses from. */
export function scoreCurves(
  site: SearchSite,
  { side, bits, otherScales, metric }: CurveRequest,
): readonly Float64Array[] {
  return problemsOf(site, side, bits, otherScales).map((problem) => lossesPlainly(metric, problem));
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
