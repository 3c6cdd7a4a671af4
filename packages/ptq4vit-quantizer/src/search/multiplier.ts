import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";

/** Matrix products by onnxruntime. */
export interface Multiplier {
  /** a [R, K] · bᵀ, b [Q, K] → [R, Q] */
  multiply(a: Float32Array, b: Float32Array, inner: number): Promise<Float32Array>;
  /**
   * a [C, U, M, K] · bᵀ, b [C, U, P, K] → [C, U, M, P]; either C may be 1, and then meets all of the other's.
   * @param shape [U, M, K, P]
   */
  multiplyUnits(
    a: Float32Array,
    b: Float32Array,
    shape: readonly [units: number, rows: number, inner: number, columns: number],
  ): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Two sessions with free dimensions serve every site. */
export async function openMultiplier(options: { readonly threads?: number } = {}): Promise<Multiplier> {
  const [flat, units] = await Promise.all([openSession(flatGraph(), options), openSession(unitsGraph(), options)]);
  return {
    async multiply(a, b, inner) {
      const feeds = {
        a: { shape: [a.length / inner, inner], data: a },
        b: { shape: [b.length / inner, inner], data: b },
      };
      return (await flat.run(feeds))["product"].data as Float32Array;
    },
    async multiplyUnits(a, b, [count, rows, inner, columns]) {
      const feeds = {
        a: { shape: [a.length / (count * rows * inner), count, rows, inner], data: a },
        b: { shape: [b.length / (count * columns * inner), count, columns, inner], data: b },
      };
      return (await units.run(feeds))["product"].data as Float32Array;
    },
    async release() {
      await Promise.all([flat.release(), units.release()]);
    },
  };
}

function flatGraph(): Graph {
  const builder = new GraphBuilder("candidates times rows");
  const inputs = [builder.input("a", ["R", "K"]), builder.input("b", ["Q", "K"])];
  builder.output(builder.add("Gemm", inputs, { transB: 1 }, "product"), ["R", "Q"]);
  return builder.build();
}

function unitsGraph(): Graph {
  const builder = new GraphBuilder("candidates times units");
  const a = builder.input("a", ["CA", "U", "M", "K"]);
  const b = builder.transpose(builder.input("b", ["CB", "U", "P", "K"]), [0, 1, 3, 2]);
  builder.output(builder.matMul(a, b, "product"), ["C", "U", "M", "P"]);
  return builder.build();
}
