import { type GraphIndex, numberOf } from "./graph-index.js";

/** Operators that are a GELU by themselves. */
const FUSED = new Set(["Gelu", "BiasGelu", "FastGelu"]);

/** Whether a value is ½·x·(1 + erf(x/√2)), in whatever order its factors were multiplied. */
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
  if (others.length !== 2 || Math.abs(constant - 0.5) > 1e-6) return false;
  const [a, b] = others as [string, string];
  return argumentOfGate(index, a) === b || argumentOfGate(index, b) === a;
}

function factorsOf(index: GraphIndex, value: string): readonly string[] {
  const node = index.producer(value);
  return node?.op === "Mul" ? node.inputs.flatMap((input) => factorsOf(index, input)) : [value];
}

/** x, when the value is 1 + erf(x/√2). */
function argumentOfGate(index: GraphIndex, value: string): string | undefined {
  const sum = index.producer(value);
  if (sum?.op !== "Add") return undefined;
  const erf = sum.inputs.map((input) => index.producer(input)).find((node) => node?.op === "Erf");
  const one = sum.inputs.map((input) => numberOf(index.constant(input))).find((number) => number !== undefined);
  if (erf === undefined || one !== 1) return undefined;
  const scaling = index.producer(erf.inputs[0] as string);
  const [x, scale] = scaling?.inputs ?? [];
  const factor = numberOf(index.constant(scale ?? ""));
  if (factor === undefined) return undefined;
  const root = scaling?.op === "Div" ? factor : scaling?.op === "Mul" ? 1 / factor : Number.NaN;
  return Math.abs(root - Math.SQRT2) < 1e-5 ? x : undefined;
}
