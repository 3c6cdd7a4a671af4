import type { Node } from "@quee/onnx-graph";
import { type GraphIndex, numberOf } from "./graph-index.js";

/** Operators that are a GELU by themselves. */
const FUSED = new Set(["Gelu", "BiasGelu", "FastGelu", "QuickGelu"]);
/** The sigmoid form is x·σ(1.702·x). Hendrycks and Gimpel, Gaussian Error Linear Units (arXiv 1606.08415), section 2. */
const SIGMOID_SCALE = 1.702;

/**
 * Whether a value is a GELU of some x, in whatever order its factors were multiplied: ½·x·(1 + erf(x/√2)), ½·x·(1 + tanh(…)), or
 * x·σ(1.702·x).
 */
export function isGelu(index: GraphIndex, value: string): boolean {
  const producer = index.producer(value);
  if (producer !== undefined && FUSED.has(producer.op)) return true;
  let constant = 1;
  const others: string[] = [];
  for (const factor of factorsOf(index, value)) {
    const number = numberOf(index.constant(factor));
    if (number === undefined) others.push(factor);
    else constant *= number;
  }
  if (others.length !== 2) return false;
  const [a, b] = others as [string, string];
  const isGate = (gate: string, x: string) => {
    if (Math.abs(constant - 0.5) < 1e-6) return argumentOfErfGate(index, gate) === x || isTanhGate(index, gate, x);
    return Math.abs(constant - 1) < 1e-6 && argumentOfSigmoidGate(index, gate) === x;
  };
  return isGate(a, b) || isGate(b, a);
}

function factorsOf(index: GraphIndex, value: string): readonly string[] {
  const node = index.producer(value);
  return node?.op === "Mul" ? node.inputs.flatMap((input) => factorsOf(index, input)) : [value];
}

/** x, when the value is 1 + erf(x/√2). */
function argumentOfErfGate(index: GraphIndex, gate: string): string | undefined {
  const scaled = scaledBy(index, onePlus(index, gate, "Erf"));
  return scaled !== undefined && Math.abs(1 / scaled.factor - Math.SQRT2) < 1e-5 ? scaled.x : undefined;
}

/** x, when the value is σ(1.702·x). */
function argumentOfSigmoidGate(index: GraphIndex, gate: string): string | undefined {
  const sigmoid = index.producer(gate);
  const scaled = sigmoid?.op === "Sigmoid" ? scaledBy(index, sigmoid) : undefined;
  return scaled !== undefined && Math.abs(scaled.factor - SIGMOID_SCALE) < 1e-3 ? scaled.x : undefined;
}

/** Whether the value is 1 + tanh(√(2/π)·(x + 0.044715·x³)), in any spelling: a tanh of x and constants alone that has the factor. */
function isTanhGate(index: GraphIndex, gate: string, x: string): boolean {
  const scaled = scaledBy(index, onePlus(index, gate, "Tanh"));
  if (scaled === undefined || Math.abs(scaled.factor - Math.sqrt(2 / Math.PI)) > 1e-4) return false;
  const sum = index.producer(scaled.x);
  return sum?.op === "Add" && sum.inputs.includes(x);
}

/** The operator f of 1 + f(…). */
function onePlus(index: GraphIndex, value: string, op: "Erf" | "Tanh"): Node | undefined {
  const sum = index.producer(value);
  if (sum?.op !== "Add") return undefined;
  const one = sum.inputs.map((input) => numberOf(index.constant(input))).find((number) => number !== undefined);
  return one === 1 ? sum.inputs.map((input) => index.producer(input)).find((node) => node?.op === op) : undefined;
}

/** What an operator reads as x·factor. */
function scaledBy(
  index: GraphIndex,
  node: Node | undefined,
): { readonly x: string; readonly factor: number } | undefined {
  const scaling = index.producer(node?.inputs[0] ?? "");
  const [a = "", b = ""] = scaling?.inputs ?? [];
  const [left, right] = [numberOf(index.constant(a)), numberOf(index.constant(b))];
  if (scaling?.op === "Div" && right !== undefined) return { x: a, factor: 1 / right };
  if (scaling?.op !== "Mul") return undefined;
  if (right !== undefined) return { x: a, factor: right };
  return left === undefined ? undefined : { x: b, factor: left };
}
