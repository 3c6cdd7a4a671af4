import { QueeError } from "@quee/core";
import { type Graph, inferShapes, type Node } from "@quee/onnx-graph";
import { activeValues, nodesBetween } from "./active-values.js";
import { dropDeadNodes } from "./drop-dead-nodes.js";
import { GradientWriter } from "./gradient-writer.js";
import type { DifferentiableOp } from "./operators.js";
import { differentiableOp, readNode } from "./read-node.js";
import { refusal } from "./refusal.js";
import type { Gradient } from "./vjp-rule.js";
import { vjpRules } from "./vjp-rules.js";

export interface DifferentiateOptions {
  /** Name of a value with one element. */
  readonly loss: string;
  /** Names of initializers, inputs or inner activations, all float32. */
  readonly withRespectTo: readonly string[];
}

export interface Differentiated {
  /** The nodes, inputs and outputs of the forward graph, with backward nodes behind them. */
  readonly graph: Graph;
  /** ∂loss/∂v by the name of v: the name of a value of `graph` in the shape of v. */
  readonly gradients: ReadonlyMap<string, string>;
}

/**
 * Reverse-mode differentiation: walks the nodes backwards once, asks each node's rule for the gradients of its inputs and adds them
 * up per value. Nodes that lie on no way from a wanted value to the loss are left alone.
 * Baydin et al., Automatic differentiation in machine learning (arXiv 1502.05767), section 3.2.
 */
export function differentiate(graph: Graph, { loss, withRespectTo }: DifferentiateOptions): Differentiated {
  requireOpset(graph);
  const values = inferShapes(graph);
  const active = activeValues(graph, values, withRespectTo);
  const path = nodesBetween(graph, active, loss).map((node) => [node, requireRule(node)] as const);
  const g = new GradientWriter(graph, values);
  const gradients = new Map([[loss, seedOf(g, loss)]]);

  for (const [node, op] of path) {
    const dOutputs = node.outputs.map((output) => gradients.get(output) ?? null);
    const dInputs = applyRule(op, g, node, dOutputs);
    node.inputs.forEach((input, i) => {
      if (!active.has(input)) return;
      const gradient = inShapeOf(g, node, input, dInputs[i] ?? null);
      const soFar = gradients.get(input);
      gradients.set(input, soFar === undefined ? gradient : g.plus(soFar, gradient));
    });
  }

  const wanted = new Map(withRespectTo.map((name) => [name, gradients.get(name) ?? noPath(name, loss)]));
  return { graph: dropDeadNodes(graph, g.build(), [...wanted.values()]), gradients: wanted };
}

function requireRule(node: Node): DifferentiableOp {
  const op = differentiableOp(node);
  if (op === null) throw refusal(node, "an operator with a rule of differentiation", node.op);
  // A malformed node is named before anybody asks for shapes that it spoiled.
  readNode(op, node);
  return op;
}

function applyRule<Op extends DifferentiableOp>(
  op: Op,
  g: GradientWriter,
  node: Node,
  dOutputs: readonly (string | null)[],
): readonly Gradient[] {
  const read = readNode(op, node);
  return vjpRules[op](g, read, dOutputs[0] ?? g.zerosLike(read.outputs[0]), dOutputs);
}

/** The one place where broadcasting is undone. */
function inShapeOf(g: GradientWriter, node: Node, input: string, gradient: Gradient): string {
  if (gradient === null) throw refusal(node, `a constant "${input}"`, "one that a gradient is wanted for");
  return typeof gradient === "string" ? gradient : g.sumTo(gradient.value, gradient.broadcastTo, g.shapeOf(input));
}

function seedOf(g: GradientWriter, loss: string): string {
  const shape = g.shapeOf(loss);
  if (shape.some((dim) => dim !== 1)) {
    throw new QueeError({
      code: "E_LOSS_SHAPE",
      kind: "input",
      where: `loss "${loss}"`,
      expected: "a value of one element",
      got: `shape [${shape.join(", ")}]`,
    });
  }
  return shape.length === 0 ? g.scalar(1) : g.tensor(shape as readonly number[], [1]);
}

function requireOpset(graph: Graph): void {
  const version = graph.opsets.get("") ?? 0;
  if (version >= 13) return;
  throw new QueeError({
    code: "E_OPSET",
    kind: "input",
    where: "opset",
    expected: "13 or newer",
    got: String(version),
  });
}

function noPath(name: string, loss: string): never {
  throw new QueeError({
    code: "E_NO_GRADIENT_PATH",
    kind: "input",
    where: `value "${name}"`,
    expected: `a way from it to the loss "${loss}" through float32 values`,
    got: "none",
  });
}
