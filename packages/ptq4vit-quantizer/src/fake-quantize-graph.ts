import { type Bits, QueeError } from "@quee/core";
import { type Constant, type Graph, GraphBuilder, scalar } from "@quee/onnx-graph";
import type { BlockEncodings, OperandEncoding } from "./encodings.js";
import { groupRuns } from "./group-runs.js";
import { codeBound, fakeQuantizeUniform } from "./uniform-quantizer.js";

/**
 * The graph with every operand of its sites rounded to b-bit codes and back, in float32: constants once and for all,
 * activations by Div → Round → Clip → Mul (Round is half to even; QuantizeLinear would saturate at 8 bits whatever b is).
 * Values between the sites stay float. PTQ4ViT (arXiv 2111.12293), simulated quantization.
 */
export function fakeQuantizeGraph(graph: Graph, { bits, sites }: BlockEncodings): Graph {
  const encodingOf = new Map(sites.map((site) => [site.node, site.operands]));
  const builder = new GraphBuilder(graph.name);
  for (const [domain, version] of graph.opsets) builder.opset(domain, version);
  for (const { name, shape, dtype } of graph.inputs) builder.input(name, shape ?? [], dtype);
  for (const [name, value] of graph.initializers) builder.initializer(name, value);
  const names = nameGiver(graph);
  const rounded = new Map<string, string>();

  const round = (operand: OperandEncoding): string => {
    // Two nodes that read one value at one step (separate q, k and v) share the rounding.
    const key = JSON.stringify([operand.value, operand.scales, operand.axis]);
    const known = rounded.get(key);
    if (known !== undefined) return known;
    const weight = graph.initializers.get(operand.value);
    const write = { builder, name: (suffix: string) => names(`${operand.value}_${bits}bit${suffix}`) };
    const name = weight === undefined ? roundValue(write, operand, bits) : roundConstant(write, operand, weight, bits);
    rounded.set(key, name);
    return name;
  };

  for (const node of graph.nodes) {
    const operands = encodingOf.get(node.name) ?? [];
    encodingOf.delete(node.name);
    const inputs = [...node.inputs];
    for (const operand of operands) {
      if (inputs[operand.input] !== operand.value) throw stale(node.name, operand, inputs[operand.input]);
      inputs[operand.input] = round(operand);
    }
    builder.node({ ...node, inputs });
  }
  const [missing] = encodingOf.keys();
  if (missing !== undefined) throw stale(missing);
  for (const { name, shape, dtype } of graph.outputs) builder.output(name, shape, dtype);
  return withoutUnread({ ...builder.build(), irVersion: graph.irVersion, metadata: graph.metadata });
}

/** Names that no value of the graph has, those of nodes still to be copied included. */
function nameGiver(graph: Graph): (stem: string) => string {
  const taken = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  return (stem) => {
    let name = stem;
    for (let i = 1; taken.has(name); i++) name = `${stem}_${i}`;
    taken.add(name);
    return name;
  };
}

interface Write {
  readonly builder: GraphBuilder;
  /** A free name that tells the operand, and ends so. */
  readonly name: (suffix: string) => string;
}

function roundValue({ builder, name }: Write, { value, scales }: OperandEncoding, bits: Bits): string {
  if (scales.length !== 1) {
    throw new QueeError({
      code: "E_ENCODING",
      kind: "internal",
      where: `value "${value}"`,
      expected: "one step for an activation",
      got: `${scales.length}`,
    });
  }
  const bound = codeBound(bits);
  const constantOf = (suffix: string, number: number) => builder.initializer(name(suffix), scalar(number));
  const step = constantOf("_step", scales[0]);
  const inSteps = builder.over(value, step, name("_in_steps"));
  const codes = builder.add("Round", [inSteps], {}, name("_rounded"));
  const range = [constantOf("_least", -bound), constantOf("_most", bound - 1)];
  return builder.times(builder.add("Clip", [codes, ...range], {}, name("_codes")), step, name(""));
}

function roundConstant({ builder, name }: Write, operand: OperandEncoding, weight: Constant, bits: Bits): string {
  const data = fakeQuantizeGroups(weight, operand, bits);
  return builder.initializer(name(""), { dtype: "float32", dims: weight.dims, data });
}

/** Rounds each group of a constant at its own step. */
function fakeQuantizeGroups(
  { dims, data }: Constant,
  { value, scales, axis }: OperandEncoding,
  bits: Bits,
): Float32Array {
  if (!(data instanceof Float32Array)) {
    throw new QueeError({
      code: "E_WEIGHT_TYPE",
      kind: "input",
      where: `weight "${value}"`,
      expected: "float32",
      got: data.constructor.name,
    });
  }
  if (axis === null) return fakeQuantizeUniform(data, scales[0], bits);
  const out = new Float32Array(data.length);
  for (const { group, from, until } of groupRuns(dims, axis, scales.length)) {
    out.set(fakeQuantizeUniform(data.subarray(from, until), scales[group], bits), from);
  }
  return out;
}

/** Drops float weights that their rounded copies have replaced. */
function withoutUnread(graph: Graph): Graph {
  const read = new Set([...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  return { ...graph, initializers: new Map([...graph.initializers].filter(([name]) => read.has(name))) };
}

function stale(node: string, operand?: OperandEncoding, got?: string): QueeError {
  return new QueeError({
    code: "E_ENCODING",
    kind: "artifact",
    where: `node "${node}"`,
    expected: operand === undefined ? "a node of the graph" : `input ${operand.input} to be "${operand.value}"`,
    got: operand === undefined ? "none" : `"${got}"`,
    hint: "The encodings belong to another graph",
  });
}
