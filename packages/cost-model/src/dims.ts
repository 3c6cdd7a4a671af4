import { QueeError } from "@quee/core";
import type { Dim, Node, ValueType } from "@quee/onnx-graph";

/** What a rule asks about the operands of its operator. */
export interface Operands {
  readonly node: Node;
  /** Dimensions of an input or output; a symbolic one (the batch) counts 1: everything is per image. */
  input(i: number): readonly number[];
  output(i: number): readonly number[];
}

export function operandsOf(node: Node, types: ReadonlyMap<string, ValueType>): Operands {
  const dims = (name: string | undefined) => {
    const shape = types.get(name ?? "")?.shape;
    if (shape === undefined || shape === null) throw unknownShape(node, name ?? "");
    return shape.map((dim) => perImage(dim, node, name ?? ""));
  };
  return { node, input: (i) => dims(node.inputs[i]), output: (i) => dims(node.outputs[i]) };
}

function perImage(dim: Dim, node: Node, name: string): number {
  if (dim === null) throw unknownShape(node, name);
  return typeof dim === "string" ? 1 : dim;
}

function unknownShape(node: Node, name: string): QueeError {
  return new QueeError({
    code: "E_COST_SHAPE",
    kind: "input",
    where: `${node.op} "${node.name}"`,
    expected: `a known shape of "${name}"`,
    got: "an unknown one",
    hint: "Clean the graph first",
  });
}
