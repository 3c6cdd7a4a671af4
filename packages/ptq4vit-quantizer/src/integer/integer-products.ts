import { constant, type Graph, type GraphBuilder } from "@quee/onnx-graph";
import type { OperandEncoding } from "../encodings.js";
import type { ActivationCodes, Codes } from "./activation-codes.js";
import type { LinearReading, ProductReading } from "./site-readings.js";
import { weightCodes } from "./weight-codes.js";

/** Element type of weights in integer products. */
export type WeightType = "int8" | "uint8";

/** Where products are written. */
export interface ProductWriter {
  readonly graph: Graph;
  readonly builder: GraphBuilder;
  readonly names: (stem: string) => string;
  readonly codes: ActivationCodes;
  readonly weights: WeightType;
}

/**
 * Δ_x·Δ_w·(codes − zero)·W + b in one operator; behind a GELU the sum of two, whose codes are never both other than zero. Where the
 * reader takes codes, the result comes in its steps.
 */
export function writeLinear(writer: ProductWriter, reading: LinearReading): void {
  const { graph, builder, names, codes, weights } = writer;
  const { activation, weight, bits, bias, output } = reading;
  const own = weightCodes(graph, reading);
  const stem = `${weight.value}_${bits}bit`;
  const divisors = codes.columnSteps(output);
  const inSteps = (values: Float32Array) =>
    divisors === null ? values : values.map((value, n) => value / divisors[n]);
  const row = (name: string, values: Float32Array) =>
    builder.initializer(names(name), constant([values.length], inSteps(values)));
  const matrix = builder.initializer(names(`${stem}_codes`), {
    dtype: weights,
    dims: own.dims,
    data: weights === "int8" ? own.codes : Uint8Array.from(own.codes, (code) => code + UNSIGNED_ZERO),
  });
  const steps = row(`${stem}_steps`, own.steps);
  const weightZero = weights === "int8" ? "" : codes.byte(UNSIGNED_ZERO);
  const addend =
    bias === null || divisors === null
      ? (bias ?? "")
      : row(`${bias}_${bits}bit`, graph.initializers.get(bias)?.data as Float32Array);
  const product = ({ value, zero, steps: [step] }: Codes, added: string, to: string) =>
    builder.add(
      "com.microsoft:MatMulIntegerToFloat",
      [value, matrix, codes.float(step), steps, codes.byte(zero), weightZero, added],
      {},
      to,
    );
  if (activation.quantizer !== "post-gelu") {
    product(codes.of(activation, bits), addend, output);
    return;
  }
  const [positive, negative] = codes.twins(activation, bits);
  const parts = [
    product(positive, addend, names(`${output}_positive`)),
    product(negative, "", names(`${output}_negative`)),
  ];
  builder.plus(parts[0], parts[1], output);
}

const UNSIGNED_ZERO = 128;

/** A product of two activations: of codes where both are uniform, else of floats, with codes turned back. */
export function writeProduct(writer: ProductWriter, { node, operands, bits }: ProductReading): void {
  const { builder, names, codes } = writer;
  const [left, right] = [0, 1].map((input) => operands.find((operand) => operand.input === input));
  if (left === undefined || right === undefined) {
    const inputs = node.inputs.map((name, input) => {
      const operand = operands.find((one) => one.input === input);
      return operand === undefined ? name : backToFloat(writer, codes.of(operand, bits), operand);
    });
    builder.node({ ...node, inputs });
    return;
  }
  const [a, b] = [codes.of(left, bits), codes.of(right, bits)];
  const [output] = node.outputs;
  const sums = builder.add(
    "MatMulInteger",
    [a.value, b.value, codes.byte(a.zero), codes.byte(b.zero)],
    {},
    names(`${output}_codes`),
  );
  const floats = builder.add("Cast", [sums], { to: FLOAT32 }, names(`${output}_in_steps`));
  const count = Math.max(a.steps.length, b.steps.length);
  const steps = Float32Array.from(
    { length: count },
    (_, head) => a.steps[head % a.steps.length] * b.steps[head % b.steps.length],
  );
  const scale = builder.initializer(names(`${output}_steps`), constant(count === 1 ? [] : [count, 1, 1], steps));
  builder.times(floats, scale, output);
}

/** ONNX's number of the type. */
const FLOAT32 = 1;

function backToFloat(
  { builder, names, codes }: ProductWriter,
  { value, zero, steps }: Codes,
  { axis }: OperandEncoding,
): string {
  const { inputs, attributes } = codes.scaling(steps, zero, axis);
  return builder.add("DequantizeLinear", [value, ...inputs], attributes, names(`${value}_rounded`));
}
