import { type Dim, type Graph, int64Constant, type Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { parseEquation } from "../rules/einsum.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, makeNode, textOf } from "./graph-facts.js";

type Labels = readonly string[];

/** An operand of an einsum with its labels. */
interface Term {
  readonly value: string;
  readonly labels: Labels;
}

/**
 * Einsum of two operands becomes Transpose and MatMul (Mul and ReduceSum where a matrix has one column), of one operand ReduceSum
 * and Transpose. onnxruntime has fast kernels for those and a slow one for Einsum. Equations with "...", a repeated label, or
 * groups of labels that would need merging stay.
 */
export const lowerEinsums: GraphPass = {
  name: "einsum lowering",
  apply: (graph) => {
    const edit = new GraphEdit(graph);
    let facts: GraphFacts | null = null;
    for (const node of graph.nodes) {
      if (node.op !== "Einsum" || node.domain !== "") continue;
      facts ??= new GraphFacts(graph);
      const nodes = new EinsumWriter(edit, facts, node).write();
      if (nodes !== null) edit.replace(node, ...nodes);
    }
    return edit.apply();
  },
};

const isSubset = (a: Labels, b: Labels) => a.every((label) => b.includes(label));
const same = (a: Labels, b: Labels) => a.length === b.length && a.every((label, i) => label === b[i]);

class EinsumWriter {
  readonly #edit: GraphEdit;
  readonly #facts: GraphFacts;
  readonly #node: Node;
  readonly #nodes: Node[] = [];
  /** Kept apart until it is sure that the Einsum goes: an edit with a constant in it has changed the graph. */
  readonly #axes = new Map<string, readonly number[]>();
  readonly #sumsTakeInputs: boolean;

  constructor(edit: GraphEdit, facts: GraphFacts, node: Node) {
    this.#edit = edit;
    this.#facts = facts;
    this.#node = node;
    this.#sumsTakeInputs = opsetOf(facts.graph) >= 13;
  }

  /** The operators that take the Einsum's place; null when it stays. */
  write(): readonly Node[] | null {
    const equation = parseEquation(textOf(this.#node, "equation", ""));
    if (equation === null || !this.#sumsTakeInputs || equation.terms.length !== this.#node.inputs.length) return null;
    const { terms, output } = equation;
    if ([...terms, output].some((labels) => labels.includes("...") || new Set(labels).size < labels.length))
      return null;
    if (this.#broadcasts(terms)) return null;
    const operands = terms.map((labels, i): Term => ({ value: this.#node.inputs[i], labels }));
    const result = this.#combine(operands, output);
    if (result === null) return null;
    this.#finish(this.#arranged(result, output));
    for (const [name, axes] of this.#axes) this.#edit.define(name, int64Constant(axes));
    return this.#nodes;
  }

  /** A label of size 1 beside another size broadcasts in Einsum; that is not lowered. */
  #broadcasts(terms: readonly Labels[]): boolean {
    const sizes = new Map<string, Dim>();
    return terms.some((labels, i) =>
      labels.some((label, axis) => {
        const size = this.#facts.shape(this.#node.inputs[i])?.[axis] ?? null;
        const first = sizes.get(label);
        sizes.set(label, first ?? size);
        return first !== undefined && (size === null || first !== size) && (first === 1 || size === 1 || size === null);
      }),
    );
  }

  #combine(operands: readonly Term[], output: Labels): Term | null {
    if (operands.length === 1) return this.#summed(operands[0], output);
    if (operands.length !== 2) return null;
    // What only one operand has and the output lacks is summed before anything else.
    const [a, b] = operands.map((term, i) => this.#summed(term, [...output, ...operands[1 - i].labels]));
    const contracted = a.labels.filter((label) => b.labels.includes(label) && !output.includes(label));
    if (contracted.length !== 1) return null;
    const batch = output.filter((label) => a.labels.includes(label) && b.labels.includes(label));
    const free = [a, b].map(({ labels }) => labels.filter((label) => output.includes(label) && !batch.includes(label)));
    if (free[0].length === 0 || free[1].length === 0) return this.#dotted(a, b, contracted[0]);
    // The product comes out as [batch, free of the left, free of the right]: put on the left what the output has first.
    const swapped = output.indexOf(free[1][0]) < output.indexOf(free[0][0]);
    return swapped ? this.#product(b, a, batch, contracted[0]) : this.#product(a, b, batch, contracted[0]);
  }

  /** Σ over the labels that nobody keeps. */
  #summed(term: Term, kept: Labels): Term {
    const axes = term.labels.flatMap((label, axis) => (kept.includes(label) ? [] : [axis]));
    if (axes.length === 0) return term;
    const labels = term.labels.filter((label) => kept.includes(label));
    return { value: this.#reduceSum(term.value, axes), labels };
  }

  /** [batch…, m…, k] · [batch…, k, n]: the right operand has one free label, the left may have several if there is no batch. */
  #product(a: Term, b: Term, batch: Labels, k: string): Term | null {
    const rows = a.labels.filter((label) => label !== k && !batch.includes(label));
    const columns = b.labels.filter((label) => label !== k && !batch.includes(label));
    if (columns.length !== 1 || (batch.length > 0 && rows.length !== 1)) return null;
    const left = this.#arranged(a, [...batch, ...rows, k]);
    const right = this.#arranged(b, [...batch, k, ...columns]);
    const value = this.#add("MatMul", [left.value, right.value]);
    return { value, labels: [...batch, ...rows, ...columns] };
  }

  /** One operand's labels are all in the other: Mul with broadcasting, then ReduceSum over the contracted label. */
  #dotted(a: Term, b: Term, k: string): Term | null {
    const [wide, narrow] = isSubset(b.labels, a.labels) ? [a, b] : [b, a];
    if (!isSubset(narrow.labels, wide.labels)) return null;
    const aligned = this.#arranged(
      narrow,
      wide.labels.filter((label) => narrow.labels.includes(label)),
    );
    const missing = wide.labels.flatMap((label, axis) => (narrow.labels.includes(label) ? [] : [axis]));
    const spread = missing.length === 0 ? aligned.value : this.#unsqueeze(aligned.value, missing);
    const products = this.#add("Mul", [wide.value, spread]);
    const axis = wide.labels.indexOf(k);
    return { value: this.#reduceSum(products, [axis]), labels: wide.labels.filter((label) => label !== k) };
  }

  /** The same tensor with its axes in another order. */
  #arranged(term: Term, labels: Labels): Term {
    if (same(term.labels, labels)) return term;
    const value = labels.map((label) => term.labels.indexOf(label));
    return { value: this.#add("Transpose", [term.value], { perm: { kind: "ints", value } }), labels };
  }

  #reduceSum(value: string, axes: readonly number[]): string {
    const keepdims = { kind: "int", value: 0 } as const;
    return this.#add("ReduceSum", [value, this.#constantAxes(axes)], { keepdims });
  }

  #unsqueeze(value: string, axes: readonly number[]): string {
    return this.#add("Unsqueeze", [value, this.#constantAxes(axes)]);
  }

  #constantAxes(axes: readonly number[]): string {
    const name = this.#edit.fresh(`${this.#stem}/axes`);
    this.#axes.set(name, axes);
    return name;
  }

  get #stem(): string {
    return this.#node.name === "" ? this.#node.outputs[0] : this.#node.name;
  }

  #add(op: string, inputs: readonly string[], attributes: Parameters<typeof makeNode>[3] = {}): string {
    const output = this.#edit.fresh(`${this.#stem}/${op}`);
    this.#nodes.push(makeNode(op, inputs, output, attributes));
    return output;
  }

  /** The last operator writes the Einsum's output; without one the output is the operand itself. */
  #finish(result: Term): void {
    const [output] = this.#node.outputs;
    const last = this.#nodes.at(-1);
    if (last === undefined) this.#nodes.push(makeNode("Identity", [result.value], output));
    else this.#nodes[this.#nodes.length - 1] = { ...last, outputs: [output] };
  }
}

function opsetOf(graph: Graph): number {
  return graph.opsets.get("") ?? 17;
}
