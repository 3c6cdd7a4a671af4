import type { Node } from "@quee/onnx-graph";
import type { GraphIndex } from "./graph-index.js";

/** y = x + f(x): one residual addition. */
export interface Residual {
  /** x: the stream that goes around. */
  readonly stream: string;
  /** f(x) */
  readonly branch: string;
  /** Everything that computes f(x) from x and constants alone, and the addition itself. */
  readonly nodes: ReadonlySet<Node>;
}

/** The residual addition that makes `value`, or null where there is none. */
export function residualAt(index: GraphIndex, value: string): Residual | null {
  const add = index.producer(value);
  if (add?.op !== "Add") return null;
  const [a, b] = add.inputs as [string, string];
  for (const [stream, branch] of [
    [a, b],
    [b, a],
  ] as const) {
    const nodes = nodesBetween(index, stream, branch);
    if (nodes !== null) return { stream, branch, nodes: nodes.add(add) };
  }
  return null;
}

/** What computes `to` from `from` and constants alone; null when `to` needs anything else or does not need `from`. */
function nodesBetween(index: GraphIndex, from: string, to: string): Set<Node> | null {
  const nodes = new Set<Node>();
  const pending = [to];
  let reached = false;
  while (pending.length > 0) {
    const value = pending.pop() as string;
    if (value === from) {
      reached = true;
      continue;
    }
    if (index.inputs.has(value)) return null;
    const producer = index.producer(value);
    if (producer === undefined || nodes.has(producer)) continue;
    nodes.add(producer);
    pending.push(...producer.inputs.filter((name) => name !== ""));
  }
  return reached && to !== from ? nodes : null;
}
