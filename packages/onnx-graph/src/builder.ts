import { QueeError } from "@quee/core";
import {
  type Attribute,
  type Constant,
  constant,
  type Dim,
  type DType,
  type Graph,
  int64Constant,
  type Node,
  scalar,
  type ValueInfo,
} from "./graph.js";

/** Attributes as one writes them: whole numbers become ints, other numbers need `float()`. */
export type AttributeValue = number | string | readonly number[] | Constant | Attribute;

/** An attribute that ONNX declares as a float, whatever its value looks like. */
export function float(value: number): Attribute {
  return { kind: "float", value };
}

/**
 * Writes graphs. Every method that adds an operator returns the name of its output. Opset 17, IR 8: what every onnxruntime of
 * the last years opens.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #initializers = new Map<string, Constant>();
  readonly #nodes: Node[] = [];
  readonly #opsets = new Map([["", 17]]);
  readonly #metadata = new Map<string, string>();
  readonly #names = new Set<string>();
  #counter = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Goes on writing an existing graph; its names stay as they are. */
  static from(graph: Graph): GraphBuilder {
    const builder = new GraphBuilder(graph.name);
    builder.#inputs.push(...graph.inputs);
    builder.#outputs.push(...graph.outputs);
    builder.#nodes.push(...graph.nodes);
    for (const [key, value] of graph.initializers) builder.#initializers.set(key, value);
    for (const [key, value] of graph.opsets) builder.#opsets.set(key, value);
    for (const [key, value] of graph.metadata) builder.#metadata.set(key, value);
    for (const { name } of graph.inputs) builder.#names.add(name);
    for (const name of graph.initializers.keys()) builder.#names.add(name);
    for (const node of graph.nodes) for (const name of node.outputs) builder.#names.add(name);
    return builder;
  }

  input(name: string, shape: readonly Dim[], dtype: DType | null = "float32"): string {
    this.#inputs.push({ name: this.#claim(name), dtype, shape });
    return name;
  }

  /** Names an existing value as a graph output; the shape is documentation and may be null. */
  output(name: string, shape: readonly Dim[] | null = null, dtype: DType | null = "float32"): void {
    this.#outputs.push({ name, dtype, shape });
  }

  initializer(name: string, value: Constant): string {
    this.#initializers.set(this.#claim(name), value);
    return name;
  }

  opset(domain: string, version: number): void {
    this.#opsets.set(domain, version);
  }

  /** Forgets the graph outputs named so far (of a graph that is being rewritten). */
  clearOutputs(): void {
    this.#outputs.length = 0;
  }

  /** A fresh name that starts with `stem`. */
  fresh(stem: string): string {
    let name = stem;
    while (this.#names.has(name)) name = `${stem}_${++this.#counter}`;
    return name;
  }

  /** Adds an operator with one output. `to` names the output. */
  add(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    to?: string,
  ): string {
    return this.addMany(op, inputs, 1, attributes, to === undefined ? undefined : [to])[0] as string;
  }

  /** Adds an operator with `count` outputs. `domain` goes before the operator: `com.microsoft:Gelu`. */
  addMany(
    op: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, AttributeValue>> = {},
    to?: readonly string[],
  ): readonly string[] {
    const colon = op.indexOf(":");
    const domain = colon < 0 ? "" : op.slice(0, colon);
    const type = op.slice(colon + 1);
    if (domain !== "" && !this.#opsets.has(domain)) this.#opsets.set(domain, 1);
    const outputs = Array.from({ length: count }, (_, i) => this.#claim(to?.[i] ?? this.fresh(type.toLowerCase())));
    this.#nodes.push({
      name: outputs[0] as string,
      op: type,
      domain,
      inputs,
      outputs,
      attributes: new Map(Object.entries(attributes).map(([key, value]) => [key, attributeOf(value)])),
    });
    return outputs;
  }

  /** Adds a node as it is. */
  node(node: Node): void {
    for (const name of node.outputs) if (name !== "") this.#claim(name);
    this.#nodes.push(node);
  }

  scalar(value: number): string {
    return this.initializer(this.fresh("scalar"), scalar(value));
  }

  int64(values: readonly number[]): string {
    return this.initializer(this.fresh("ints"), int64Constant(values));
  }

  tensor(stem: string, shape: readonly number[], data: Float32Array): string {
    return this.initializer(this.fresh(stem), constant(shape, data));
  }

  plus(a: string, b: string, to?: string): string {
    return this.add("Add", [a, b], {}, to);
  }

  minus(a: string, b: string, to?: string): string {
    return this.add("Sub", [a, b], {}, to);
  }

  times(a: string, b: string, to?: string): string {
    return this.add("Mul", [a, b], {}, to);
  }

  over(a: string, b: string, to?: string): string {
    return this.add("Div", [a, b], {}, to);
  }

  matMul(a: string, b: string, to?: string): string {
    return this.add("MatMul", [a, b], {}, to);
  }

  transpose(x: string, perm: readonly number[], to?: string): string {
    return this.add("Transpose", [x], { perm }, to);
  }

  /** 0 keeps a dimension, −1 takes what is left, as in ONNX. */
  reshape(x: string, shape: readonly number[], to?: string): string {
    return this.add("Reshape", [x, this.int64(shape)], {}, to);
  }

  /** Opset 13 form: axes are an input. */
  reduceSum(x: string, axes: readonly number[], keepDims = true, to?: string): string {
    return this.add("ReduceSum", [x, this.int64(axes)], { keepdims: keepDims ? 1 : 0 }, to);
  }

  /** Opset 13 form: axes are an attribute. */
  reduceMean(x: string, axes: readonly number[], keepDims = true, to?: string): string {
    return this.add("ReduceMean", [x], { axes, keepdims: keepDims ? 1 : 0 }, to);
  }

  softmax(x: string, axis = -1, to?: string): string {
    return this.add("Softmax", [x], { axis }, to);
  }

  slice(x: string, axis: number, from: number, until: number, to?: string): string {
    return this.add("Slice", [x, this.int64([from]), this.int64([until]), this.int64([axis])], {}, to);
  }

  build(): Graph {
    return {
      name: this.#name,
      irVersion: 8,
      opsets: new Map(this.#opsets),
      inputs: [...this.#inputs],
      outputs: [...this.#outputs],
      initializers: new Map(this.#initializers),
      nodes: [...this.#nodes],
      metadata: new Map(this.#metadata),
    };
  }

  #claim(name: string): string {
    if (this.#names.has(name)) {
      throw new QueeError({
        code: "E_GRAPH_NAME",
        kind: "internal",
        where: `graph "${this.#name}", value "${name}"`,
        expected: "a new name",
        got: "one that is taken",
      });
    }
    this.#names.add(name);
    return name;
  }
}

function attributeOf(value: AttributeValue): Attribute {
  if (typeof value === "number") return { kind: "int", value };
  if (typeof value === "string") return { kind: "string", value };
  if (isConstant(value)) return { kind: "tensor", value };
  if (isNumbers(value)) return { kind: "ints", value };
  return value;
}

function isConstant(value: AttributeValue): value is Constant {
  return typeof value === "object" && "dtype" in value;
}

function isNumbers(value: Constant | Attribute | readonly number[]): value is readonly number[] {
  return Array.isArray(value);
}
