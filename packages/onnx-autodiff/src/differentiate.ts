import { QueeError } from "@quee/core";
import { type Graph, inferShapes, type Node } from "@quee/onnx-graph";
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
  const g = new GradientWriter(graph, values);
  const gradients = new Map([[loss, seedOf(g, loss)]]);

  for (const node of graph.nodes.toReversed()) {
    const dOutputs = node.outputs.map((output) => gradients.get(output) ?? null);
    if (dOutputs.every((gradient) => gradient === null) || !node.inputs.some((input) => active.has(input))) continue;
    const dInputs = applyRule(g, node, dOutputs);
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

function applyRule(g: GradientWriter, node: Node, dOutputs: readonly (string | null)[]): readonly Gradient[] {
  const op = differentiableOp(node);
  if (op === null) throw refusal(node, "an operator with a rule of differentiation", node.op);
  return rule(op, g, node, dOutputs);
}

function rule<Op extends DifferentiableOp>(
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

/**
 * The wanted values and every float value computed from them: integers (shapes, indices) carry no gradient. What an unknown
 * operator puts out counts too, so that it is named if it turns out to lie on the way to the loss.
 */
function activeValues(graph: Graph, values: ReturnType<typeof inferShapes>, wanted: readonly string[]): Set<string> {
  const dtypeOf = (name: string) => values.get(name)?.dtype;
  for (const name of wanted) {
    if (dtypeOf(name) !== "float32") throw notFloat(name, dtypeOf(name) ?? "no such value");
  }
  const active = new Set(wanted);
  for (const { inputs, outputs } of graph.nodes) {
    if (!inputs.some((input) => active.has(input))) continue;
    for (const output of outputs) if ((dtypeOf(output) ?? "float32") === "float32") active.add(output);
  }
  return active;
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

function notFloat(name: string, got: string): QueeError {
  return new QueeError({ code: "E_NOT_FLOAT", kind: "input", where: `value "${name}"`, expected: "float32", got });
}
