import type { Dim } from "../graph.js";

/**
 * Arithmetic on dimensions that may be symbolic. A symbolic dimension is a product: "batch", "17*batch". What is not a product
 * (a sum with a symbol in it, a division with a remainder) is null, unknown.
 */
interface Product {
  readonly factor: number;
  /** Sorted, with repetitions. */
  readonly symbols: readonly string[];
}

function productOf(dim: number | string): Product {
  if (typeof dim === "number") return { factor: dim, symbols: [] };
  let factor = 1;
  const symbols: string[] = [];
  for (const part of dim.split("*")) {
    if (/^\d+$/.test(part)) factor *= Number(part);
    else symbols.push(part);
  }
  return { factor, symbols: symbols.sort() };
}

function dimOf({ factor, symbols }: Product): Dim {
  if (symbols.length === 0 || factor === 0) return factor;
  if (factor === 1) return symbols.join("*");
  // A negative or broken multiple of a symbol is no dimension.
  return factor > 0 && Number.isInteger(factor) ? [factor, ...symbols].join("*") : null;
}

export function timesDim(a: Dim, b: Dim): Dim {
  if (a === 0 || b === 0) return 0;
  if (a === null || b === null) return null;
  if (typeof a === "number" && typeof b === "number") return a * b;
  const x = productOf(a);
  const y = productOf(b);
  return dimOf({ factor: x.factor * y.factor, symbols: [...x.symbols, ...y.symbols].sort() });
}

/** a / b where it divides exactly; otherwise null. Symbols are taken to be positive. */
export function overDim(a: Dim, b: Dim): Dim {
  if (a === null || b === null || b === 0) return null;
  const x = productOf(a);
  const y = productOf(b);
  const left = [...x.symbols];
  for (const symbol of y.symbols) {
    const at = left.indexOf(symbol);
    if (at < 0) return null;
    left.splice(at, 1);
  }
  return x.factor % y.factor === 0 ? dimOf({ factor: x.factor / y.factor, symbols: left }) : null;
}

export function plusDim(a: Dim, b: Dim): Dim {
  if (a === 0) return b;
  if (b === 0) return a;
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (a === null || b === null) return null;
  const x = productOf(a);
  const y = productOf(b);
  const alike = x.symbols.length === y.symbols.length && x.symbols.every((symbol, i) => symbol === y.symbols[i]);
  return alike ? dimOf({ factor: x.factor + y.factor, symbols: x.symbols }) : null;
}

export function minusDim(a: Dim, b: Dim): Dim {
  if (b === 0) return a;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return a !== null && a === b ? 0 : null;
}

/** Number of elements; null when a dimension is unknown. */
export function sizeOfShape(shape: readonly Dim[]): Dim {
  return shape.reduce<Dim>((size, dim) => timesDim(size, dim), 1);
}

/** All dimensions are numbers. */
export function isStatic(shape: readonly Dim[] | null): shape is readonly number[] {
  return shape?.every((dim) => typeof dim === "number") ?? false;
}

/** Same rank, and the same number or symbol in every place. */
export function sameShape(a: readonly Dim[] | null, b: readonly Dim[] | null): boolean {
  return a !== null && b !== null && a.length === b.length && a.every((dim, i) => dim !== null && dim === b[i]);
}

/** [batch, 17, ?] */
export function showShape(shape: readonly Dim[] | null): string {
  return shape === null ? "unknown shape" : `[${shape.map((dim) => dim ?? "?").join(", ")}]`;
}

/**
 * One dimension of two broadcast operands; undefined when they cannot be broadcast. Beside a number other than 1, an unknown
 * dimension must be that number or 1, so the number wins.
 */
export function broadcastDim(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return a;
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === "number") return typeof b === "number" ? undefined : a;
  return typeof b === "number" ? b : null;
}

/** NumPy broadcasting; undefined when the shapes contradict each other. */
export function broadcastShapes(a: readonly Dim[], b: readonly Dim[]): readonly Dim[] | undefined {
  const rank = Math.max(a.length, b.length);
  const out: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const x = axis < rank - a.length ? 1 : a[axis - (rank - a.length)];
    const y = axis < rank - b.length ? 1 : b[axis - (rank - b.length)];
    const dim = broadcastDim(x, y);
    if (dim === undefined) return undefined;
    out.push(dim);
  }
  return out;
}
