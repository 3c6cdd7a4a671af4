import { QueeError } from "@quee/core";
import {
  type AttributeValue,
  type Constant,
  type Dim,
  type Graph,
  GraphBuilder,
  type inferShapes,
} from "@quee/onnx-graph";

export type Shape = readonly Dim[];

/**
 * Writes backward nodes behind a forward graph and answers what is known about forward values. Every method that writes
 * an operator returns the name of its output.
 */
export class GradientWriter {
  readonly #builder: GraphBuilder;
  readonly #graph: Graph;
  readonly #values: ReturnType<typeof inferShapes>;
  readonly #constantNodes: ReadonlyMap<string, Constant>;
  readonly #scalars = new Map<number, string>();

  constructor(graph: Graph, values: ReturnType<typeof inferShapes>) {
    this.#graph = graph;
    this.#values = values;
    this.#builder = GraphBuilder.from(graph);
    this.#constantNodes = new Map(
      graph.nodes.flatMap(({ op, outputs, attributes }) => {
        const value = op === "Constant" ? attributes.get("value") : undefined;
        return value?.kind === "tensor" ? [[outputs[0] as string, value.value] as const] : [];
      }),
    );
  }

  shapeOf(value: string): Shape {
    const shape = this.#values.get(value)?.shape;
    if (shape === undefined || shape === null) {
      throw new QueeError({
        code: "E_SHAPE_UNKNOWN",
        kind: "input",
        where: `value "${value}"`,
        expected: "a value of known rank",
        got: "one whose shape cannot be inferred",
      });
    }
    return shape;
  }

  rankOf(value: string): number {
    return this.shapeOf(value).length;
  }

  /** The numbers of a forward value that does not depend on inputs, or null. */
  constantOf(
    value: string | undefined,
  ): { readonly dims: readonly number[]; readonly values: readonly number[] } | null {
    const found =
      value === undefined ? undefined : (this.#graph.initializers.get(value) ?? this.#constantNodes.get(value));
    return found === undefined
      ? null
      : { dims: found.dims, values: Array.from(found.data as ArrayLike<number>, Number) };
  }

  add(op: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    return this.#builder.add(op, inputs, attributes);
  }

  addMany(op: string, inputs: readonly string[], count: number, attributes: Readonly<Record<string, AttributeValue>>) {
    return this.#builder.addMany(op, inputs, count, attributes);
  }

  scalar(value: number): string {
    const known = this.#scalars.get(value);
    if (known !== undefined) return known;
    const name = this.#builder.scalar(value);
    this.#scalars.set(value, name);
    return name;
  }

  int64(values: readonly number[]): string {
    return this.#builder.int64(values);
  }

  tensor(dims: readonly number[], values: readonly number[]): string {
    return this.#builder.tensor("constant", dims, Float32Array.from(values));
  }

  plus(a: string, b: string): string {
    return this.add("Add", [a, b]);
  }

  minus(a: string, b: string): string {
    return this.add("Sub", [a, b]);
  }

  times(a: string, b: string | number): string {
    if (b === 1) return a;
    return this.add("Mul", [a, typeof b === "number" ? this.scalar(b) : b]);
  }

  over(a: string, b: string): string {
    return this.add("Div", [a, b]);
  }

  matMul(a: string, b: string): string {
    return this.add("MatMul", [a, b]);
  }

  transpose(x: string, perm: readonly number[]): string {
    return this.add("Transpose", [x], { perm });
  }

  /** Exchanges the last two of `rank` axes. */
  swapLast(x: string, rank: number): string {
    const perm = Array.from({ length: rank }, (_, axis) => axis);
    return this.transpose(x, [...perm.slice(0, -2), rank - 1, rank - 2]);
  }

  sum(x: string, axes: readonly number[], keepDims = true): string {
    return this.#builder.reduceSum(x, axes, keepDims);
  }

  mean(x: string, axes: readonly number[]): string {
    // The axes became an input at opset 18, later than those of ReduceSum.
    if ((this.#graph.opsets.get("") ?? 0) < 18) return this.#builder.reduceMean(x, axes);
    return this.add("ReduceMean", [x, this.int64(axes)]);
  }

  unsqueeze(x: string, axes: readonly number[]): string {
    return this.add("Unsqueeze", [x, this.int64(axes)]);
  }

  squeeze(x: string, axes: readonly number[]): string {
    return this.add("Squeeze", [x, this.int64(axes)]);
  }

  reshape(x: string, shape: readonly number[]): string {
    return this.add("Reshape", [x, this.int64(shape)]);
  }

  /** `x` in the shape of the forward value `like`, which has as many elements. */
  reshapeLike(x: string, like: string): string {
    const shape = this.shapeOf(like);
    const open = shape.filter((dim) => typeof dim !== "number").length;
    if (open > 1) return this.add("Reshape", [x, this.add("Shape", [like])]);
    return this.reshape(
      x,
      shape.map((dim) => (typeof dim === "number" ? dim : -1)),
    );
  }

  /** The shape of a forward value as an int64 vector: a constant where it is known. */
  shapeVector(like: string): string {
    const shape = this.shapeOf(like);
    return shape.every((dim) => typeof dim === "number") ? this.int64(shape) : this.add("Shape", [like]);
  }

  zerosLike(value: string): string {
    return this.add("Expand", [this.scalar(0), this.shapeVector(value)]);
  }

  /** Sums `gradient`, of shape `from`, over the axes along which a value of shape `to` was repeated. */
  sumTo(gradient: string, from: Shape, to: Shape): string {
    const extra = from.length - to.length;
    const added = Array.from({ length: extra }, (_, axis) => axis);
    // A symbolic dimension is taken to be what it was broadcast with: only a literal 1 was repeated.
    const repeated = to.flatMap((dim, axis) => (dim === 1 && from[axis + extra] !== 1 ? [axis + extra] : []));
    if (added.length + repeated.length === 0) return gradient;
    if (repeated.length === 0) return this.sum(gradient, added, false);
    const summed = this.sum(gradient, [...added, ...repeated]);
    return added.length === 0 ? summed : this.squeeze(summed, added);
  }

  build(): Graph {
    return this.#builder.build();
  }
}
