import type { Attribute, Node } from "@quee/onnx-graph";
import { type DifferentiableOp, type NodeOf, operators } from "./operators.js";
import { refusal } from "./refusal.js";

/** The table's name of a node's operator, or null where the table has none. */
export function differentiableOp(node: Node): DifferentiableOp | null {
  const key = node.domain === "" || node.domain === "ai.onnx" ? node.op : `${node.domain}:${node.op}`;
  return Object.hasOwn(operators, key) ? (key as DifferentiableOp) : null;
}

/** Checks once that a node has the inputs and attribute types of its operator, so that rules need not. */
export function readNode<Op extends DifferentiableOp>(op: Op, node: Node): NodeOf<Op> {
  const { required, attributes } = operators[op];
  const present = node.inputs.slice(0, required).filter((name) => name !== "").length;
  if (present < required) throw refusal(node, `${required} inputs`, String(present));
  if (node.outputs.length === 0) throw refusal(node, "an output", "none");
  const read = Object.entries(attributes).map(([key, fallback]) => [key, attributeValue(node, key, fallback)]);
  return {
    name: node.name,
    op: node.op,
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: Object.fromEntries(read),
    // The checks above are what the type says.
  } as unknown as NodeOf<Op>;
}

const kindsOf: Readonly<Record<string, readonly Attribute["kind"][]>> = {
  number: ["int", "float"],
  string: ["string"],
  object: ["ints"],
};

function attributeValue(node: Node, key: string, fallback: unknown): unknown {
  const attribute = node.attributes.get(key);
  if (attribute === undefined) return fallback;
  const kinds = kindsOf[typeof fallback] ?? [];
  if (!kinds.includes(attribute.kind)) {
    throw refusal(node, `attribute "${key}" of kind ${kinds.join(" or ")}`, attribute.kind);
  }
  return attribute.value;
}
