import type { Constant, Graph, Node } from "../graph.js";
import { int64Constant } from "../graph.js";
import { renamedNode } from "../rename-values.js";
import { definedValues } from "../topology.js";

/**
 * Changes to a graph, collected and applied at once. New operators stand where the one they replace stood, so the order stays
 * topological; the names of inputs and outputs never change.
 */
export class GraphEdit {
  readonly #graph: Graph;
  readonly #replacements = new Map<Node, readonly Node[]>();
  readonly #initializers = new Map<string, Constant>();
  /** What a value is called in the end: merged values share a name. */
  readonly #names = new Map<string, string>();
  readonly #taken: Set<string>;
  readonly #outputs: ReadonlySet<string>;
  /** Names that are in nobody's hand to change: inputs and initializers. */
  readonly #fixed: ReadonlySet<string>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#taken = new Set(definedValues(graph));
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
    this.#fixed = new Set([...graph.inputs.map(({ name }) => name), ...graph.initializers.keys()]);
  }

  /** Nodes that were replaced must not be matched again in the same edit. */
  isReplaced(node: Node): boolean {
    return this.#replacements.has(node);
  }

  replace(node: Node, ...by: readonly Node[]): void {
    this.#replacements.set(node, by);
  }

  remove(node: Node): void {
    this.#replacements.set(node, []);
  }

  /** A new value name that starts with `stem`. */
  fresh(stem: string): string {
    let name = stem;
    for (let i = 1; this.#taken.has(name); i++) name = `${stem}_${i}`;
    this.#taken.add(name);
    return name;
  }

  constant(stem: string, value: Constant): string {
    const name = this.fresh(stem);
    this.#initializers.set(name, value);
    return name;
  }

  integers(stem: string, values: readonly number[]): string {
    return this.constant(stem, int64Constant(values));
  }

  /** Turns the value of a removed node into an initializer of the same name. */
  define(name: string, value: Constant): void {
    this.#initializers.set(name, value);
  }

  /**
   * Makes readers of `from` read `to`, which is equal to it. False when that cannot be: a graph output keeps its name, so one
   * that equals an input, a constant or another output needs an operator of its own.
   */
  redirect(from: string, to: string): boolean {
    const a = this.#finalName(from);
    const b = this.#finalName(to);
    if (a === b) return true;
    if (!this.#outputs.has(a)) this.#names.set(a, b);
    else if (this.#fixed.has(b) || this.#initializers.has(b) || this.#outputs.has(b)) return false;
    else this.#names.set(b, a);
    return true;
  }

  /** The given graph itself when nothing was changed. */
  apply(): Graph {
    if (this.#replacements.size === 0 && this.#names.size === 0 && this.#initializers.size === 0) return this.#graph;
    const rename = (name: string) => this.#finalName(name);
    const nodes = this.#graph.nodes.flatMap((node) => this.#replacements.get(node) ?? [node]);
    return {
      ...this.#graph,
      initializers: new Map([...this.#graph.initializers, ...this.#initializers]),
      nodes: nodes.map((node) => renamedNode(node, rename)),
    };
  }

  #finalName(name: string): string {
    let found = name;
    for (let next = this.#names.get(found); next !== undefined; next = this.#names.get(found)) found = next;
    return found;
  }
}
