import type { Metric, Outputs } from "./metric.js";
import type { Products, Side } from "./products.js";

/** Which outputs tell candidates apart. */
export interface Plan {
  /** Units that have a term at all, the most telling first. */
  readonly units: Int32Array;
  /** How many of them make up most of the importance. */
  readonly telling: number;
  /** Rows within a unit that any unit has a term for. */
  readonly rows: Int32Array;
}

/** What part of the importance counts as most of it. */
const MOST = 0.95;
/** The part that is looked at first: of units, where the left factor is rounded, of columns, where the right one is. */
const FIRST_UNITS = 1 / 64;
const FIRST_COLUMNS = 1 / 16;
const FEWEST = 8;

/**
 * Rows without gradient add exact zeros and are left out: in the last layer of a network that is all but the class token's. The rest
 * begins with the largest gradients, so that bad candidates show early.
 */
export function planOf(metric: Metric, products: Products): Plan {
  const importance = Float64Array.from({ length: products.units }, (_, u) => metric.importance(products, u));
  const useful = Int32Array.from(importance.keys()).filter((u) => !metric.needsGradient || importance[u] > 0);
  const units = useful.sort((a, b) => importance[b] - importance[a] || a - b);
  const rows = upTo(products.rows).filter((m) => !metric.needsGradient || hasGradient(products, m));
  const whole = units.reduce((sum, u) => sum + importance[u], 0);
  let telling = 0;
  for (let sum = 0; telling < units.length && sum < MOST * whole; telling++) sum += importance[units[telling]];
  return { units, rows, telling };
}

/**
 * The outputs of a plan in the order in which they are looked at. Rounding costs about as much as multiplying, so what is rounded is
 * divided first: the units of a left factor, the columns of a weight (on the most telling units; the others last, when few candidates
 * are left).
 */
export function regionsOf(metric: Metric, products: Products, side: Side, plan: Plan): readonly Outputs[] {
  const all = { from: 0, until: products.columns };
  const ofUnits = (from: number, least: number) =>
    doubling(from, plan.units.length, least).map((range) => ({
      units: plan.units.subarray(range.from, range.until),
      rows: plan.rows,
      columns: all,
    }));
  if (side === "left" || !products.rightIsShared || !metric.isSumOverColumns) {
    return ofUnits(0, Math.ceil(plan.units.length * FIRST_UNITS));
  }
  const telling = plan.units.subarray(0, plan.telling);
  const ofColumns = doubling(0, products.columns, Math.ceil(products.columns * FIRST_COLUMNS));
  return [
    ...ofColumns.map((columns) => ({ units: telling, rows: plan.rows, columns })),
    ...ofUnits(plan.telling, plan.telling),
  ];
}

/** Ranges that together go from `from` to `until`, each as long as all before it. */
function doubling(from: number, until: number, first: number): { readonly from: number; readonly until: number }[] {
  const ranges: { from: number; until: number }[] = [];
  for (let at = from; at < until; ) {
    const next = Math.min(until, at === 0 ? Math.max(FEWEST, first) : Math.max(2 * at, at + first));
    ranges.push({ from: at, until: next });
    at = next;
  }
  return ranges;
}

function upTo(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

function hasGradient({ gradient, units, rows, columns }: Products, row: number): boolean {
  for (let u = 0; u < units; u++) {
    const from = (u * rows + row) * columns;
    for (let i = from; i < from + columns; i++) if (gradient[i] !== 0) return true;
  }
  return false;
}

/** Every output. */
export function allOutputs({ units, rows, columns }: Products): Outputs {
  return { units: upTo(units), rows: upTo(rows), columns: { from: 0, until: columns } };
}

/** Copies some rows of some units, [U', M', K]. */
export function gatherRows(data: Float32Array, products: Products, { units, rows }: Outputs): Float32Array {
  const { inner } = products;
  const out = new Float32Array(units.length * rows.length * inner);
  let to = 0;
  for (const u of units) {
    for (const m of rows) {
      const from = (u * products.rows + m) * inner;
      out.set(data.subarray(from, from + inner), to);
      to += inner;
    }
  }
  return out;
}

/** Copies the right factors of some units, [U', P, K]. */
export function gatherRight(data: Float32Array, { columns, inner }: Products, { units }: Outputs): Float32Array {
  const size = columns * inner;
  const out = new Float32Array(units.length * size);
  units.forEach((u, i) => {
    out.set(data.subarray(u * size, (u + 1) * size), i * size);
  });
  return out;
}
