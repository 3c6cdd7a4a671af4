import { QueeError } from "@quee/core";
import { GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "./session.js";

/** Element types that weights of integer products may have. Activations are uint8. */
export type WeightType = "int8" | "uint8";

/** a [M, K] of uint8 · b [K, N] → [M, N], as the processor at hand computes it. */
export type IntegerProduct = (a: Uint8Array, b: Int8Array | Uint8Array, shape: ProductShape) => Promise<Int32Array>;

interface ProductShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

let known: Promise<WeightType> | undefined;

/**
 * The weights whose products with uint8 are exact on this processor: `int8`, or, where it lacks the VNNI instructions and adds
 * pairs of such products in 16 bits that saturate, the slower `uint8`. Found out once per process, in a few hundredths of a second.
 * @throws QueeError of kind environment where neither is exact
 */
export function exactWeightType(): Promise<WeightType> {
  known ??= exactTypeOf(productByRuntime);
  return known;
}

/** As `exactWeightType`, of any product. */
export async function exactTypeOf(product: IntegerProduct): Promise<WeightType> {
  for (const type of ["int8", "uint8"] as const) if (await isExact(product, type)) return type;
  throw new QueeError({
    code: "E_INEXACT_PRODUCTS",
    kind: "environment",
    where: "self-test of integer products",
    expected: "sums of products of bytes to be exact for weights as int8 or as uint8",
    got: "neither on this processor",
    hint: "Run with arithmetic: fake-quant",
  });
}

/** One row and many take different kernels; sizes that fill no register to the end have kernels for their rest. */
const shapes: readonly ProductShape[] = [
  { rows: 1, inner: 1021, columns: 67 },
  { rows: 13, inner: 4096, columns: 67 },
];

/** The largest activations, against weights at both ends: signs change from column to column, so that no sum is like the next. */
async function isExact(product: IntegerProduct, type: WeightType): Promise<boolean> {
  const [least, most] = type === "int8" ? [-128, 127] : [0, 255];
  for (const shape of shapes) {
    const { rows, inner, columns } = shape;
    const a = new Uint8Array(rows * inner).map((_, i) => (i % 7 === 0 ? 254 : 255));
    const b = new (type === "int8" ? Int8Array : Uint8Array)(inner * columns).map((_, i) => {
      const column = i % columns;
      return column % 3 === 0 || (column % 3 === 1 && Math.floor(i / columns) % 5 !== 0) ? most : least;
    });
    const sums = await product(a, b, shape);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += (a[row * inner + k] as number) * (b[k * columns + column] as number);
        if (sums[row * columns + column] !== sum) return false;
      }
    }
  }
  return true;
}

/** The weights are constant, as those of a network are: kernels take them packed. */
const productByRuntime: IntegerProduct = async (a, b, { rows, inner, columns }) => {
  const builder = new GraphBuilder("self-test of integer products");
  builder.input("a", ["rows", inner], "uint8");
  const dtype = b instanceof Int8Array ? "int8" : "uint8";
  builder.initializer("b", { dtype, dims: [inner, columns], data: b });
  builder.output(builder.add("MatMulInteger", ["a", "b"], {}, "sums"), ["rows", columns], "int32");
  const session = await openSession(builder.build());
  try {
    return (await session.run({ a: { shape: [rows, inner], data: a } }))["sums"]?.data as Int32Array;
  } finally {
    await session.release();
  }
};
