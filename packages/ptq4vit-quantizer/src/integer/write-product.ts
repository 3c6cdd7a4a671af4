import { constant } from "@quee/onnx-graph";
import type { OperandEncoding } from "../encodings.js";
import type { Codes } from "./activation-codes.js";
import type { ProductWriter } from "./product-writer.js";
import type { ProductReading } from "./site-readings.js";

/** A product of two activations: of codes where both are uniform, else of floats, with codes turned back. */
export function writeProduct(writer: ProductWriter, reading: ProductReading): void {
  const { node, operands, bits, factor, output } = reading;
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
  const sums = builder.add(
    "MatMulInteger",
    [a.value, b.value, codes.byte(a.zero), codes.byte(b.zero)],
    {},
    names(`${output}_codes`),
  );
  const floats = builder.add("Cast", [sums], { to: FLOAT32 }, names(`${output}_in_steps`));
  const heads = Math.max(a.steps.length, b.steps.length);
  const stepOf = ({ steps }: Codes, head: number) => steps[head % steps.length];
  const steps = Float32Array.from({ length: heads }, (_, head) => factor * stepOf(a, head) * stepOf(b, head));
  const behind: number[] = new Array(-(left.axis ?? right.axis ?? -1) - 1).fill(1);
  const scale = builder.initializer(names(`${output}_steps`), constant(heads === 1 ? [] : [heads, ...behind], steps));
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
