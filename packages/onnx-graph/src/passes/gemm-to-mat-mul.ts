import type { Constant, Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { sameShape } from "../shapes/dims.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf, makeNode } from "./graph-facts.js";

/**
 * A linear layer on tokens that were laid out as rows for it, [B, T, D] → [B·T, D] → Gemm → [B·T, E] → [B, T, E], is a MatMul and an Add on
 * the tokens themselves: the batch stays an axis of its own.
 */
export const gemmToMatMul: GraphPass = {
  name: "gemm of rows to product of tokens",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const gemm of graph.nodes) {
      if (gemm.op !== "Gemm" || gemm.domain !== "" || !isPlain(gemm)) continue;
      const rows = facts.madeBy(gemm.inputs[0], "Reshape");
      const tokens = facts.onlyConsumer(gemm.outputs[0]);
      const weight = facts.constant(gemm.inputs[1]);
      if (rows === null || tokens?.op !== "Reshape" || weight === null) continue;
      const [x] = rows.inputs;
      const [from, to] = [facts.shape(x), facts.shape(tokens.outputs[0])];
      const inOut = intOf(gemm, "transB", 0) === 1 ? transposed(weight) : weight;
      if (
        inOut === null ||
        from === null ||
        to === null ||
        from.at(-1) !== inOut.dims[0] ||
        to.at(-1) !== inOut.dims[1]
      )
        continue;
      if (from.length < 3 || !sameShape(from.slice(0, -1), to.slice(0, -1))) continue;
      edit.remove(gemm);
      edit.replace(tokens, ...productOf(edit, x, inOut, gemm, tokens));
    }
    return edit.apply();
  },
};

function isPlain({ attributes }: Node): boolean {
  const is = (name: string, value: number) => (attributes.get(name)?.value ?? value) === value;
  return is("alpha", 1) && is("beta", 1) && is("transA", 0);
}

function productOf(edit: GraphEdit, x: string, weight: Constant, gemm: Node, tokens: Node): readonly Node[] {
  const [output] = tokens.outputs;
  const right = edit.constant(`${gemm.inputs[1]}_in_out`, weight);
  const bias = gemm.inputs[2] ?? "";
  if (bias === "") return [{ ...makeNode("MatMul", [x, right], output), name: gemm.name }];
  const product = edit.fresh(`${output}_product`);
  return [
    { ...makeNode("MatMul", [x, right], product), name: gemm.name },
    { ...makeNode("Add", [product, bias], output), name: tokens.name },
  ];
}

function transposed({ dims: [rows, columns], data }: Constant): Constant | null {
  if (!(data instanceof Float32Array)) return null;
  const values = data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]);
  return { dtype: "float32", dims: [columns, rows], data: values };
}
