import { QueeError } from "@quee/core";
import type { Graph } from "./graph.js";
import { verifyGraph } from "./verify-graph.js";

/** A rewriting of graphs that keeps what they compute. */
export interface GraphPass {
  readonly name: string;
  /** What the graph lacks for this pass, as a sentence; null when nothing. */
  readonly requires?: (graph: Graph) => string | null;
  /** A new graph, or the same object when there is nothing to do. */
  readonly apply: (graph: Graph) => Graph;
  /** What is wrong with the result, as a sentence; null when nothing. */
  readonly ensures?: (graph: Graph) => string | null;
}

/** Runs passes one after the other; each result is verified, so a broken pass is caught where it broke. */
export function runPasses(graph: Graph, passes: readonly GraphPass[]): Graph {
  return passes.reduce((before, pass) => {
    const missing = pass.requires?.(before) ?? null;
    if (missing !== null) throw broken(pass, "its requirements", missing);
    const after = pass.apply(before);
    if (after === before) return before;
    try {
      verifyGraph(after);
    } catch (cause) {
      throw broken(pass, "a valid graph", cause instanceof Error ? cause.message : String(cause), cause);
    }
    const wrong = pass.ensures?.(after) ?? null;
    if (wrong !== null) throw broken(pass, "what it ensures", wrong);
    return after;
  }, graph);
}

function broken(pass: GraphPass, expected: string, got: string, cause?: unknown): QueeError {
  return new QueeError({
    code: "E_GRAPH_PASS",
    kind: "internal",
    where: `pass ${JSON.stringify(pass.name)}`,
    expected,
    got,
    cause,
  });
}
