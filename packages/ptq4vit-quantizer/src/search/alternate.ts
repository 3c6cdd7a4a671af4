import type { Bits } from "@quee/core";
import type { Products, Side } from "./products.js";
import { part, roundOperand, type SearchOperand, type SearchSite } from "./search-site.js";

/** PTQ4ViT's rounds of (one side given the other, then the other way round). */
const ROUNDS = 3;

/** Chooses among candidates for one side of some products. */
export interface Minimization {
  readonly products: Products;
  readonly side: Side;
  /** The other side's values as they go into the product; laid out as in `products`. */
  readonly other: Float32Array;
  readonly candidates: Float32Array;
  readonly bits: Bits;
  readonly operand: SearchOperand;
  /** Cell, or null for the whole site. */
  readonly cell: number | null;
}

/** @returns the index of the best candidate (the first of equals), or null where no row has a term at all */
export type Minimize = (problem: Minimization) => Promise<number | null>;

export interface SideChoice {
  /** Of each group: the index of the chosen candidate; null: no signal, the scale is that of the range. */
  readonly indices: readonly (number | null)[];
  readonly scales: readonly number[];
}

export interface SiteChoice {
  readonly left: SideChoice;
  readonly right: SideChoice;
  /** What each step of each round chose, in the order of the steps. */
  readonly history: readonly { readonly side: Side; readonly indices: readonly (number | null)[] }[];
}

/**
 * The alternating search of PTQ4ViT over fixed candidates. A choice depends on the other side's present scales alone, so one that was
 * made before under the same scales is not made again: rounds that repeat cost nothing.
 * @param options `remember: false` makes it again nevertheless, to measure what that costs
 */
export async function alternate(
  site: SearchSite,
  bits: Bits,
  minimize: Minimize,
  { remember = true }: { readonly remember?: boolean } = {},
): Promise<SiteChoice> {
  const sides = { left: startOf(site, site.left, bits), right: startOf(site, site.right, bits) };
  const known = new Map<string, number | null>();
  const history: { side: Side; indices: readonly (number | null)[] }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { side, given } of site.steps) {
      const own = sides[side];
      const other = sides[side === "left" ? "right" : "left"];
      const values = given === "float" ? other.operand.data : roundOperand(other.operand, other.scales, bits);
      for (let g = 0; g < own.indices.length; g++) {
        const cell = own.indices.length === site.cells.length && site.cells.length > 1 ? g : null;
        const seen = cell === null || other.scales.length === 1 ? other.scales : [other.scales[cell]];
        const key = JSON.stringify([side, g, given === "float" ? null : seen]);
        let index = known.get(key);
        if (index === undefined || !remember) {
          index = await minimize({
            products: cell === null ? site.whole : site.cells[cell],
            side,
            other: cell === null || other.operand.isShared ? values : part(values, cell, site.cells.length),
            candidates: own.candidates[g],
            bits,
            operand: own.operand,
            cell,
          });
          known.set(key, index);
        }
        own.indices[g] = index;
        own.scales[g] = index === null ? own.initial[g] : own.candidates[g][index];
      }
      history.push({ side, indices: [...own.indices] });
    }
  }
  const choice = ({ indices, scales }: ReturnType<typeof startOf>): SideChoice => ({ indices, scales });
  return { left: choice(sides.left), right: choice(sides.right), history };
}

function startOf(site: SearchSite, operand: SearchOperand, bits: Bits) {
  const { quantizer, ranges } = operand;
  const where = `site "${site.name}"`;
  const initial = ranges.map((range) => quantizer.initialScale(range, bits, where));
  return {
    operand,
    initial,
    candidates: ranges.map((range) => quantizer.candidates(range, bits, where)),
    indices: ranges.map((): number | null => null),
    scales: [...initial],
  };
}
