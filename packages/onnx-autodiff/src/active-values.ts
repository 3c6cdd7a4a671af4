import { QueeError } from "@quee/core";
import { type Graph, type inferShapes, type Node, valuesRead } from "@quee/onnx-graph";

/**
 * The wanted values and every float value computed from them: integers (shapes, indices) carry no gradient. What an unknown
 * operator puts out counts too, so that it is named if it turns out to lie on the way to the loss.
 */
export function activeValues(
  graph: Graph,
  values: ReturnType<typeof inferShapes>,
  wanted: readonly string[],
): ReadonlySet<string> {
  const dtypeOf = (name: string) => values.get(name)?.dtype;
  for (const name of wanted) {
    if (dtypeOf(name) !== "float32") throw notFloat(name, dtypeOf(name) ?? "no such value");
  }
  const active = new Set(wanted);
  for (const node of graph.nodes) {
    if (!readsAny(node, active)) continue;
    for (const name of node.outputs) if (name !== "" && (dtypeOf(name) ?? "float32") === "float32") active.add(name);
  }
  return active;
}

/** The nodes between active values and the loss, last first. */
export function nodesBetween(graph: Graph, active: ReadonlySet<string>, loss: string): readonly Node[] {
  const needed = new Set([loss]);
  return graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output)) || !readsAny(node, active)) return false;
    for (const name of valuesRead(node)) if (active.has(name)) needed.add(name);
    return true;
  });
}

/** Bodies of `If` and `Loop` read too: such a node has no rule, and must not be taken for a constant. */
function readsAny(node: Node, active: ReadonlySet<string>): boolean {
  for (const name of valuesRead(node)) if (active.has(name)) return true;
  return false;
}

function notFloat(name: string, got: string): QueeError {
  return new QueeError({ code: "E_NOT_FLOAT", kind: "input", where: `value "${name}"`, expected: "float32", got });
}
