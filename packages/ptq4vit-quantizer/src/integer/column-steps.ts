import { type Constant, evaluateNode, type Graph, type ValueType } from "@quee/onnx-graph";
import type { OperandEncoding } from "../encodings.js";
import type { Reach } from "./reach.js";

/**
 * The step of every column of a value [..., N] whose readers take a step per head: the numbers of the columns travel through the
 * movements, and where they arrive there is a step. null where a column arrives at two steps, or a movement is not understood.
 */
export function columnSteps(
  graph: Graph,
  root: string,
  types: ReadonlyMap<string, ValueType>,
  { movements, operands }: Reach,
): readonly number[] | null {
  // Columns of one image are those of all, so the batch counts 1.
  const dims = types.get(root)?.shape?.map((dim) => (typeof dim === "number" ? dim : 1));
  const width = dims?.at(-1);
  if (dims === undefined || width === undefined) return null;
  const size = dims.reduce((product, dim) => product * dim, 1);
  const columns: Constant = { dtype: "float32", dims, data: Float32Array.from({ length: size }, (_, i) => i % width) };
  const arrived = new Map(graph.initializers).set(root, columns);
  for (const node of movements) {
    const outputs = evaluateNode(
      node,
      node.inputs.map((name) => arrived.get(name) ?? null),
    );
    if (outputs === null) return null;
    for (const [i, name] of node.outputs.entries()) arrived.set(name, outputs[i]);
  }
  // A column that nobody reads takes any step.
  const steps = new Array<number | undefined>(width);
  for (const operand of operands) {
    for (const [column, step] of arrivals(arrived.get(operand.value) as Constant, operand)) {
      if ((steps[column] ?? step) !== step) return null;
      steps[column] = step;
    }
  }
  return Array.from(steps, (step) => step ?? 1);
}

/** Each column number in a value, with the step that its place takes. */
function* arrivals({ dims, data }: Constant, { scales, axis }: OperandEncoding): Generator<readonly [number, number]> {
  const behind = axis === null ? dims : axis === -1 ? [] : dims.slice(axis + 1);
  const inner = behind.reduce((product, dim) => product * dim, 1);
  for (let i = 0; i < data.length; i++) yield [Number(data[i]), scales[Math.floor(i / inner) % scales.length]];
}
