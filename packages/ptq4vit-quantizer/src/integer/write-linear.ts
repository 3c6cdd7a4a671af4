import { constant } from "@quee/onnx-graph";
import type { Codes } from "./activation-codes.js";
import { type ProductWriter, UNSIGNED_ZERO } from "./product-writer.js";
import type { LinearReading } from "./site-readings.js";
import { weightCodes } from "./weight-codes.js";

/**
 * Δ_x·Δ_w·(codes − zero)·W + b in one operator; behind a GELU the sum of two, whose codes are never both other than zero. Where the
 * readers take codes with a step per column, the result comes divided by those.
 */
export function writeLinear(writer: ProductWriter, reading: LinearReading): void {
  const { builder, names, codes } = writer;
  const { activation, bits, output } = reading;
  const matrix = writeWeight(writer, reading, codes.columnSteps(output));
  if (activation.quantizer === "post-gelu") {
    const [positive, negative] = codes.twins(activation, bits);
    const parts = [
      toFloat(writer, positive, matrix, matrix.bias, names(`${output}_positive`)),
      toFloat(writer, negative, matrix, "", names(`${output}_negative`)),
    ];
    builder.plus(parts[0], parts[1], output);
    return;
  }
  toFloat(writer, codes.of(activation, bits), matrix, matrix.bias, output);
}

interface Matrix {
  readonly codes: string;
  readonly steps: string;
  /** "" where it is 0. */
  readonly zero: string;
  /** "" without one. */
  readonly bias: string;
}

function writeWeight(
  { graph, builder, names, codes, weights }: ProductWriter,
  reading: LinearReading,
  columnSteps: readonly number[] | null,
): Matrix {
  const { weight, bits, bias } = reading;
  const own = weightCodes(graph, reading);
  const stem = `${weight.value}_${bits}bit`;
  const row = (name: string, values: Float32Array) => {
    const scaled = columnSteps === null ? values : values.map((value, column) => value / columnSteps[column]);
    return builder.initializer(names(name), constant([scaled.length], scaled));
  };
  const isSigned = weights === "int8" || !mayOverflow(reading);
  const type = isSigned ? "int8" : "uint8";
  const data = isSigned ? own.codes : Uint8Array.from(own.codes, (code) => code + UNSIGNED_ZERO);
  const biasOf = (name: string) =>
    columnSteps === null ? name : row(`${name}_${bits}bit`, graph.initializers.get(name)?.data as Float32Array);
  return {
    codes: builder.initializer(names(`${stem}_codes`), { dtype: type, dims: own.dims, data }),
    steps: row(`${stem}_steps`, own.steps),
    zero: isSigned ? "" : codes.byte(UNSIGNED_ZERO),
    bias: bias === null ? "" : biasOf(bias),
  };
}

/**
 * Processors without VNNI add two products of uint8 and int8 in 16 bits, which saturate. Codes of fewer than 8 bits stay below:
 * 2·127·64 < 2¹⁵; and so do the parts behind a GELU, which have 7 bits each: −2·128·128 = −2¹⁵.
 */
function mayOverflow({ bits, activation }: LinearReading): boolean {
  return bits === 8 && activation.quantizer !== "post-gelu";
}

function toFloat(
  { builder, codes }: ProductWriter,
  { value, zero, steps: [step] }: Codes,
  matrix: Matrix,
  bias: string,
  to: string,
): string {
  const inputs = [value, matrix.codes, codes.float(step), matrix.steps, codes.byte(zero), matrix.zero, bias];
  return builder.add("com.microsoft:MatMulIntegerToFloat", inputs, {}, to);
}
