import type { Metric } from "./metric.js";
import type { Products } from "./products.js";

/** Which rows of some products are worth computing, in which order. */
export interface RowPlan {
  /** Units that can tell candidates apart, the most telling first. */
  readonly units: Int32Array;
  /** Rows within a unit that any unit has a term for. */
  readonly rows: Int32Array;
}

/**
 * Rows without gradient add exact zeros and are left out: in the last layer of a network that is all but the class token's. The rest
 * begins with the largest gradients, so that bad candidates show early.
 */
export function planRows(metric: Metric, products: Products): RowPlan {
  const importance = Float64Array.from({ length: products.units }, (_, u) => metric.importance(products, u));
  const useful = Int32Array.from(importance.keys()).filter((u) => !metric.needsGradient || importance[u] > 0);
  const units = useful.sort((a, b) => importance[b] - importance[a] || a - b);
  const rows = Int32Array.from({ length: products.rows }, (_, m) => m).filter(
    (m) => !metric.needsGradient || hasGradient(products, m),
  );
  return { units, rows };
}

function hasGradient({ gradient, units, rows, columns }: Products, row: number): boolean {
  for (let u = 0; u < units; u++) {
    const from = (u * rows + row) * columns;
    for (let i = from; i < from + columns; i++) if (gradient[i] !== 0) return true;
  }
  return false;
}

/** Copies the planned rows of some units, [U', M', K]. */
export function gatherRows(data: Float32Array, products: Products, { rows }: RowPlan, units: Int32Array): Float32Array {
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
export function gatherRight(data: Float32Array, { columns, inner }: Products, units: Int32Array): Float32Array {
  const size = columns * inner;
  const out = new Float32Array(units.length * size);
  units.forEach((u, i) => {
    out.set(data.subarray(u * size, (u + 1) * size), i * size);
  });
  return out;
}
