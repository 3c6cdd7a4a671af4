import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openSession, type Session } from "@quee/onnx-session";
import type { UniformPart } from "../quantizers/quantizer.js";
import type { Side } from "./products.js";

/** Units, rows, inner and columns of products whose right factor differs from unit to unit. */
export type UnitShape = readonly [units: number, rows: number, inner: number, columns: number];

/** One factor at several candidates, times the other. */
export interface RoundedProduct {
  /** Which factor is rounded. */
  readonly side: Side;
  readonly own: Float32Array;
  readonly other: Float32Array;
  /** Of each candidate: what rounds it, as many parts in all. */
  readonly candidates: readonly (readonly UniformPart[])[];
  /** K where all rows of the left meet all of the right. */
  readonly shape: number | UnitShape;
}

/** Matrix products by onnxruntime. */
export interface Multiplier {
  /** a [R, K] · bᵀ, b [Q, K] → [R, Q] */
  multiply(a: Float32Array, b: Float32Array, inner: number): Promise<Float32Array>;
  /** a [C, U, M, K] · bᵀ, b [C, U, P, K] → [C, U, M, P]; either C may be 1, and then meets all of the other's. */
  multiplyUnits(a: Float32Array, b: Float32Array, shape: UnitShape): Promise<Float32Array>;
  /**
   * Rounds and multiplies in one.
   * @returns [C, U, M, P]; without units, left [C, R, P], right [R, C, P]
   */
  multiplyRounded(product: RoundedProduct): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Sessions with free dimensions serve every site; they open when first needed. */
export async function openMultiplier(options: { readonly threads?: number } = {}): Promise<Multiplier> {
  const sessions = new Map<string, Promise<Session>>();
  const run = async (name: string, graph: () => Graph, feeds: Parameters<Session["run"]>[0]): Promise<Float32Array> => {
    let session = sessions.get(name);
    if (session === undefined) {
      // As written: what onnxruntime would fuse here are codes and steps that are to stay apart.
      session = openSession(graph(), { ...options, optimization: "disabled" });
      sessions.set(name, session);
    }
    return (await (await session).run(feeds))["product"].data as Float32Array;
  };
  return {
    multiply: (a, b, inner) => run("flat", flatGraph, { a: matrix(a, inner), b: matrix(b, inner) }),
    multiplyUnits: (a, b, shape) =>
      run("units", unitsGraph, { a: unitsOf(a, shape, "left"), b: unitsOf(b, shape, "right") }),
    multiplyRounded({ side, own, other, candidates, shape }) {
      const [{ length: parts }] = candidates;
      const isFlat = typeof shape === "number";
      const count = candidates.length;
      const otherSide = side === "left" ? "right" : "left";
      const feeds: Record<string, Parameters<Session["run"]>[0][string]> = {
        own: { shape: [own.length], data: own },
        other: isFlat ? matrix(other, shape) : unitsOf(other, shape, otherSide),
        copies: { shape: [2], data: BigInt64Array.of(BigInt(count), BigInt(own.length)) },
        zeros: { shape: [count], data: new Int8Array(count) },
        shape: int64(isFlat ? [-1, shape] : unitsOf(own, shape, side).shape.with(0, count)),
      };
      for (let p = 0; p < parts; p++) {
        const [{ [p]: first }] = candidates;
        feeds[`scales_${p}`] = { shape: [count], data: Float32Array.from(candidates, (of) => of[p].scale) };
        feeds[`least_${p}`] = { shape: [], data: Int8Array.of(first.least) };
        feeds[`most_${p}`] = { shape: [], data: Int8Array.of(first.most) };
      }
      return run(`${side} ${parts} ${isFlat}`, () => roundedGraph(side, parts, isFlat), feeds);
    },
    async release() {
      await Promise.all([...sessions.values()].map(async (session) => (await session).release()));
    },
  };
}

const matrix = (data: Float32Array, inner: number) => ({ shape: [data.length / inner, inner], data });

const int64 = (values: readonly number[]) => ({ shape: [values.length], data: BigInt64Array.from(values, BigInt) });

function unitsOf(data: Float32Array, [units, rows, inner, columns]: UnitShape, side: Side) {
  const own = side === "left" ? rows : columns;
  return { shape: [data.length / (units * own * inner), units, own, inner], data };
}

function flatGraph(): Graph {
  const builder = new GraphBuilder("candidates times rows");
  timesTransposed(builder, builder.input("a", ["R", "K"]), builder.input("b", ["Q", "K"]), true);
  return builder.build();
}

function unitsGraph(): Graph {
  const builder = new GraphBuilder("candidates times units");
  const [a, b] = [builder.input("a", ["CA", "U", "M", "K"]), builder.input("b", ["CB", "U", "P", "K"])];
  timesTransposed(builder, a, b, false);
  return builder.build();
}

/** Copies of `own`, each rounded at its scale to 8-bit codes and back, times `other`. */
function roundedGraph(side: Side, parts: number, isFlat: boolean): Graph {
  const builder = new GraphBuilder("rounded candidates");
  const own = builder.input("own", ["N"]);
  const other = builder.input("other", isFlat ? ["R", "K"] : ["one", "U", "O", "K"]);
  const zeros = builder.input("zeros", ["C"], "int8");
  const copies = builder.add("Expand", [own, builder.input("copies", [2], "int64")]);
  const rounded = Array.from({ length: parts }, (_, p) => {
    const scales = builder.input(`scales_${p}`, ["C"]);
    const [least, most] = [builder.input(`least_${p}`, [], "int8"), builder.input(`most_${p}`, [], "int8")];
    const codes = builder.add("QuantizeLinear", [copies, scales, zeros], { axis: 0 });
    return builder.add("DequantizeLinear", [builder.add("Clip", [codes, least, most]), scales, zeros], { axis: 0 });
  });
  const values = rounded.reduce((sum, part) => builder.plus(sum, part));
  const factor = builder.add("Reshape", [values, builder.input("shape", [isFlat ? 2 : 4], "int64")]);
  const [left, right] = side === "left" ? [factor, other] : [other, factor];
  timesTransposed(builder, left, right, isFlat);
  return builder.build();
}

function timesTransposed(builder: GraphBuilder, left: string, right: string, isFlat: boolean): void {
  if (isFlat) builder.output(builder.add("Gemm", [left, right], { transB: 1 }, "product"), ["R", "Q"]);
  else builder.output(builder.matMul(left, builder.transpose(right, [0, 1, 3, 2]), "product"), ["C", "U", "M", "P"]);
}
