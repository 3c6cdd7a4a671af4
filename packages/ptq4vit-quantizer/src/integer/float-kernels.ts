import { constant, type Graph, type GraphBuilder, type Node } from "@quee/onnx-graph";
import { copyOfDoor, finishedCopy, nameGiver } from "../graph-copy.js";

/** ONNX's numbers of element types. */
const FLOAT32 = 1;
const INT32 = 6;

/**
 * An integer graph whose products float32 kernels compute, in operators of plain ONNX: codes as whole numbers, whose sums are exact
 * below 2²⁴ (at 8 bits 1024 products of the largest codes). The same answers bit for bit at the speed of floats, for runtimes without
 * integer kernels, and for tests of those that have them.
 */
export function inFloatKernels(graph: Graph): Graph {
  const builder = copyOfDoor(graph);
  const writer = { graph, builder, names: nameGiver(graph) };
  for (const node of graph.nodes) {
    if (node.op === "MatMulIntegerToFloat") writeScaledProduct(writer, node);
    else if (node.op === "MatMulInteger") writeProduct(writer, node);
    else builder.node(node);
  }
  return finishedCopy(builder, graph);
}

interface Writer {
  readonly graph: Graph;
  readonly builder: GraphBuilder;
  readonly names: (stem: string) => string;
}

/** (a − zero_a)·(b − zero_b)·(Δ_a·Δ_b) + bias, in this order, as the kernel does. */
function writeScaledProduct(writer: Writer, { inputs, outputs: [to] }: Node): void {
  const { graph, builder, names } = writer;
  const [a, b, stepA, stepB, zeroA, zeroB, bias = ""] = inputs;
  const numbers = (name: string) => graph.initializers.get(name)?.data as Float32Array;
  const [step] = numbers(stepA);
  const steps = numbers(stepB).map((own) => own * step);
  const sums = builder.matMul(wholeNumbers(writer, a, zeroA), wholeNumbers(writer, b, zeroB), names(`${to}_sums`));
  const scale = builder.initializer(names(`${to}_scale`), constant([steps.length], steps));
  const scaled = builder.times(sums, scale, bias === "" ? to : names(`${to}_scaled`));
  if (bias !== "") builder.plus(scaled, bias, to);
}

function writeProduct(writer: Writer, { inputs: [a, b, zeroA, zeroB], outputs: [to] }: Node): void {
  const { builder, names } = writer;
  const sums = builder.matMul(wholeNumbers(writer, a, zeroA), wholeNumbers(writer, b, zeroB), names(`${to}_sums`));
  builder.add("Cast", [sums], { to: INT32 }, to);
}

/** Codes less their zero point. @param zero "" where it is 0 */
function wholeNumbers({ builder, names }: Writer, codes: string, zero: string): string {
  const toFloat = (name: string) => builder.add("Cast", [name], { to: FLOAT32 }, names(`${name}_float`));
  return zero === "" ? toFloat(codes) : builder.minus(toFloat(codes), toFloat(zero), names(`${codes}_centered`));
}
