import { QueeError } from "@quee/core";
import type { Attribute, Constant, Dim, DType, Node } from "../graph.js";
import { broadcastShapes, showShape } from "../shapes/dims.js";

/** Element type and shape of a value; null is unknown. */
export interface ValueType {
  readonly dtype: DType | null;
  readonly shape: readonly Dim[] | null;
}

/**
 * What is known of a value without running the graph. `elements` are the values of a small tensor in row-major order, each a
 * number, a symbol or unknown: that is how shape arithmetic of exporters comes out as [batch, 17, 256].
 */
export interface Known extends ValueType {
  readonly elements: readonly Dim[] | null;
}

export const unknown: Known = { dtype: null, shape: null, elements: null };

/** Types of the outputs of one operator from what is known of its inputs. */
export type ShapeRule = (call: Call) => readonly ValueType[];

/** One operator with what is known of its inputs; what rules ask is asked here, so that no rule can read past the end. */
export class Call {
  readonly node: Node;
  /** Version of the operator's domain. */
  readonly opset: number;
  readonly inputs: readonly Known[];

  constructor(node: Node, opset: number, inputs: readonly Known[]) {
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
  }

  has(input: number): boolean {
    return (this.node.inputs[input] ?? "") !== "";
  }

  dtype(input: number): DType | null {
    return this.inputs[input]?.dtype ?? null;
  }

  shape(input: number): readonly Dim[] | null {
    return this.inputs[input]?.shape ?? null;
  }

  elements(input: number): readonly Dim[] | null {
    return this.inputs[input]?.elements ?? null;
  }

  /** The elements of an input when all of them are numbers. */
  integers(input: number): readonly number[] | null {
    const elements = this.elements(input);
    return elements?.every((element) => typeof element === "number") ? (elements as readonly number[]) : null;
  }

  int(name: string): number | undefined;
  int(name: string, otherwise: number): number;
  int(name: string, otherwise?: number): number | undefined {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === "int" ? attribute.value : otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === "ints" ? attribute.value : undefined;
  }

  text(name: string, otherwise: string): string {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === "string" ? attribute.value : otherwise;
  }

  tensor(name: string): Constant | undefined {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === "tensor" ? attribute.value : undefined;
  }

  attribute(name: string): Attribute | undefined {
    return this.node.attributes.get(name);
  }

  /** Early operator sets give axes as an attribute, later ones as an input. undefined: not given; null: given but unknown. */
  axes(input: number): readonly number[] | null | undefined {
    return this.ints("axes") ?? (this.has(input) ? this.integers(input) : undefined);
  }

  /** A negative axis counts from the end; one that does not exist is an error. */
  axis(axis: number, rank: number): number {
    const at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) throw this.mismatch(`an axis of ${rank} dimensions`, String(axis));
    return at;
  }

  /** The shape that the inputs broadcast to. */
  broadcast(...inputs: readonly number[]): readonly Dim[] | null {
    return this.broadcastOf(inputs.map((input) => this.shape(input)));
  }

  broadcastOf(shapes: readonly (readonly Dim[] | null)[]): readonly Dim[] | null {
    let out: readonly Dim[] = [];
    for (const shape of shapes) {
      if (shape === null) return null;
      const joined = broadcastShapes(out, shape);
      if (joined === undefined) throw this.mismatch("shapes that broadcast", shapes.map(showShape).join(" and "));
      out = joined;
    }
    return out;
  }

  mismatch(expected: string, got: string): QueeError {
    return new QueeError({
      code: "E_GRAPH_SHAPE",
      kind: "input",
      where: `node ${JSON.stringify(this.node.name)} (${this.node.op})`,
      expected,
      got,
    });
  }
}
