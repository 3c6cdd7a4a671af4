import { type ErrorFacts, QueeError } from "@quee/core";
import type { Node } from "@quee/onnx-graph";

/** The first thing in a graph that is not what a pre-norm vision transformer has there. */
export function unlikeVit(where: string, expected: string, got: string, hint?: string): QueeError {
  const facts: ErrorFacts = { code: "E_VIT_ANATOMY", kind: "input", where, expected, got };
  return new QueeError(hint === undefined ? facts : { ...facts, hint });
}

/** An operator in a message. */
export function say(node: Node | undefined): string {
  return node === undefined ? "an input or initializer" : `${node.op} "${node.name}"`;
}
