import {
  type Constant,
  consumersOf,
  type Dim,
  type Graph,
  inferShapes,
  type Node,
  producerOf,
  type ValueType,
} from "@quee/onnx-graph";

/** A graph that can be walked both ways, with the shape of every value. */
export interface GraphIndex {
  readonly graph: Graph;
  readonly inputs: ReadonlySet<string>;
  /** The operator that makes a value; undefined for inputs and initializers. */
  producer(value: string): Node | undefined;
  consumers(value: string): readonly Node[];
  /** The value, when the file holds it: an initializer or the output of a Constant operator. */
  constant(value: string): Constant | undefined;
  /** null: unknown. */
  shape(value: string): readonly Dim[] | null;
}

export function indexGraph(graph: Graph): GraphIndex {
  const producers = producerOf(graph);
  const consumers = consumersOf(graph);
  let shapes: ReadonlyMap<string, ValueType> | undefined;
  return {
    graph,
    inputs: new Set(graph.inputs.map(({ name }) => name)),
    producer: (value) => producers.get(value),
    consumers: (value) => consumers.get(value) ?? [],
    constant: (value) => graph.initializers.get(value) ?? constantOutput(producers.get(value)),
    shape: (value) => (shapes ??= inferShapes(graph)).get(value)?.shape ?? null,
  };
}

function constantOutput(node: Node | undefined): Constant | undefined {
  if (node?.op !== "Constant") return undefined;
  const value = node.attributes.get("value");
  return value?.kind === "tensor" ? value.value : undefined;
}

/** The number that a one-element constant holds. */
export function numberOf(constant: Constant | undefined): number | undefined {
  return constant !== undefined && constant.data.length === 1 ? Number(constant.data[0]) : undefined;
}

/** An integer attribute, or what ONNX takes when it is absent. */
export function intAttribute(node: Node, name: string, absent: number): number {
  const attribute = node.attributes.get(name);
  return attribute?.kind === "int" ? attribute.value : absent;
}

export function floatAttribute(node: Node, name: string, absent: number): number {
  const attribute = node.attributes.get(name);
  return attribute?.kind === "float" || attribute?.kind === "int" ? attribute.value : absent;
}
