import type { Attribute, Constant, Dim, Graph, Node } from "../graph.js";
import { inferKnown } from "../infer-shapes.js";
import { type Known, unknown } from "../rules/call.js";
import { qualifiedOp } from "../rules/table.js";
import { consumersOf, producerOf } from "../topology.js";

/** What passes ask about a graph. */
export class GraphFacts {
  readonly graph: Graph;
  readonly producers: ReadonlyMap<string, Node>;
  readonly consumers: ReadonlyMap<string, readonly Node[]>;
  readonly #known: ReadonlyMap<string, Known>;
  readonly #fed: ReadonlySet<string>;
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: Graph) {
    this.graph = graph;
    this.producers = producerOf(graph);
    this.consumers = consumersOf(graph);
    this.#known = inferKnown(graph);
    this.#fed = new Set(graph.inputs.map(({ name }) => name));
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
  }

  known(name: string): Known {
    return this.#known.get(name) ?? unknown;
  }

  shape(name: string): readonly Dim[] | null {
    return this.known(name).shape;
  }

  /** An initializer that cannot be fed. */
  constant(name: string): Constant | null {
    return this.#fed.has(name) ? null : (this.graph.initializers.get(name) ?? null);
  }

  isOutput(name: string): boolean {
    return this.#outputs.has(name);
  }

  /** The operator of the ONNX domain that makes a value, when it is one of the given ones. */
  madeBy(name: string, ...ops: readonly string[]): Node | null {
    const node = this.producers.get(name);
    return node !== undefined && ops.includes(qualifiedOp(node)) ? node : null;
  }

  /** The one operator that reads a value which is no graph output; null otherwise. */
  onlyConsumer(name: string): Node | null {
    const consumers = this.consumers.get(name) ?? [];
    return consumers.length === 1 && !this.isOutput(name) ? consumers[0] : null;
  }

  /** The integers of a constant; null when there is none. */
  integers(name: string | undefined): readonly number[] | null {
    const value = name === undefined ? null : this.constant(name);
    if (value?.dtype !== "int64" && value?.dtype !== "int32") return null;
    return Array.from(value.data, Number);
  }

  /** The axes of an operator, from its attribute or its second input, counted from the front of `rank`. */
  axes(node: Node, rank: number): readonly number[] | null {
    const given = intsOf(node, "axes") ?? this.integers(node.inputs[1]);
    return given?.map((axis) => (axis < 0 ? axis + rank : axis)) ?? null;
  }
}

export function intOf(node: Node, name: string, otherwise: number): number {
  const attribute = node.attributes.get(name);
  return attribute?.kind === "int" ? attribute.value : otherwise;
}

export function intsOf(node: Node, name: string): readonly number[] | null {
  const attribute = node.attributes.get(name);
  return attribute?.kind === "ints" ? attribute.value : null;
}

export function textOf(node: Node, name: string, otherwise: string): string {
  const attribute = node.attributes.get(name);
  return attribute?.kind === "string" ? attribute.value : otherwise;
}

/** A node of the ONNX domain, named after its output. */
export function makeNode(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, Attribute>> = {},
): Node {
  return { name: output, op, domain: "", inputs, outputs: [output], attributes: new Map(Object.entries(attributes)) };
}
