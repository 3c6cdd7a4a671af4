import { type Bits, QueeError } from "@quee/core";
import { type Constant, constant, type Graph, type GraphBuilder, scalar } from "@quee/onnx-graph";
import type { BlockEncodings, OperandEncoding } from "./encodings.js";
import { copyOfDoor, finishedCopy, nameGiver } from "./graph-copy.js";
import { groupRuns } from "./group-runs.js";
import { fakeQuantize, type QuantizerWriter } from "./quantizers/quantizer.js";
import { quantizerOf } from "./quantizers/quantizers.js";

/**
 * The graph with every operand of its sites rounded to b-bit codes and back, in float32: constants once and for all, activations by
 * operators that their quantizer writes (QuantizeLinear would saturate at 8 bits whatever b is). Values between the sites stay
 * float. PTQ4ViT (arXiv 2111.12293), simulated quantization.
 */
export function fakeQuantizeGraph(graph: Graph, encodings: BlockEncodings): Graph {
  const encodingOf = new Map(encodings.sites.map((site) => [site.node, site]));
  const builder = copyOfDoor(graph);
  const names = nameGiver(graph);
  const rounded = new Map<string, string>();

  const round = (operand: OperandEncoding, bits: Bits): string => {
    // Two nodes that read one value at one step (separate q, k and v) share the rounding.
    const key = JSON.stringify([bits, operand.value, operand.quantizer, operand.scales, operand.axis]);
    const known = rounded.get(key);
    if (known !== undefined) return known;
    const weight = graph.initializers.get(operand.value);
    const name = (suffix: string) => names(`${operand.value}_${bits}bit${suffix}`);
    const result =
      weight === undefined
        ? roundValue(builder, name, operand, bits)
        : builder.initializer(name(""), roundConstant(operand, weight, bits));
    rounded.set(key, result);
    return result;
  };

  for (const node of graph.nodes) {
    const { operands = [], bits = encodings.bits } = encodingOf.get(node.name) ?? {};
    encodingOf.delete(node.name);
    const inputs = [...node.inputs];
    for (const operand of operands) {
      if (inputs[operand.input] !== operand.value) throw stale(node.name, operand, inputs[operand.input]);
      inputs[operand.input] = round(operand, bits);
    }
    builder.node({ ...node, inputs });
  }
  const [missing] = encodingOf.keys();
  if (missing !== undefined) throw stale(missing);
  return finishedCopy(builder, graph);
}

function roundValue(
  builder: GraphBuilder,
  name: (suffix: string) => string,
  { value, quantizer, scales, axis }: OperandEncoding,
  bits: Bits,
): string {
  if ((axis === null) !== (scales.length === 1) || (axis ?? -1) >= 0) {
    throw new QueeError({
      code: "E_ENCODING",
      kind: "internal",
      where: `value "${value}"`,
      expected: "one step for an activation, or one per group of an axis counted from the end",
      got: `${scales.length} on axis ${axis}`,
    });
  }
  const behind: number[] = new Array(Math.max(0, -(axis ?? -1) - 1)).fill(1);
  const writer: QuantizerWriter = {
    builder,
    name,
    perGroup: (suffix, numbers) =>
      builder.initializer(
        name(suffix),
        numbers.length === 1 ? scalar(numbers[0]) : constant([numbers.length, ...behind], Float32Array.from(numbers)),
      ),
  };
  return quantizerOf(quantizer ?? "uniform").write(writer, value, scales, bits);
}

/** Rounds each group of a constant at its own step. */
function roundConstant(
  { value, quantizer, scales, axis }: OperandEncoding,
  { dims, data }: Constant,
  bits: Bits,
): Constant {
  if (!(data instanceof Float32Array)) {
    throw new QueeError({
      code: "E_WEIGHT_TYPE",
      kind: "input",
      where: `weight "${value}"`,
      expected: "float32",
      got: data.constructor.name,
    });
  }
  const rounding = quantizerOf(quantizer ?? "uniform");
  if (axis === null) return constant(dims, fakeQuantize(rounding, data, scales[0], bits));
  const out = new Float32Array(data.length);
  for (const { group, from, until } of groupRuns(dims, axis, scales.length)) {
    rounding.roundInto(out.subarray(from, until), data.subarray(from, until), scales[group], bits);
  }
  return constant(dims, out);
}

/** The error of encodings that do not fit the graph. */
export function stale(node: string, operand?: OperandEncoding, got?: string): QueeError {
  return new QueeError({
    code: "E_ENCODING",
    kind: "artifact",
    where: `node "${node}"`,
    expected: operand === undefined ? "a node of the graph" : `input ${operand.input} to be "${operand.value}"`,
    got: operand === undefined ? "none" : `"${got}"`,
    hint: "The encodings belong to another graph",
  });
}
