import type { Node } from "@quee/onnx-graph";
import { say, unlikeVit } from "./anatomy-error.js";
import { floatAttribute, type GraphIndex, intAttribute, numberOf } from "./graph-index.js";

/** The norm behind the last layer, which every exit uses again. */
export interface FinalNorm {
  /** Name of the LayerNormalization. */
  readonly node: string;
  readonly input: string;
  readonly output: string;
  /** Initializers [D]; no bias: null. */
  readonly weight: string;
  readonly bias: string | null;
  readonly epsilon: number;
}

export interface ClassTokenReading {
  /** Tokens leaving the last layer, [B, T, D]. */
  readonly stream: string;
  readonly finalNorm: FinalNorm;
  /** Index of the class token. */
  readonly classToken: number;
}

/** Operators that only lay the same numbers out in another shape. */
const LAYOUT = new Set(["Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"]);

/**
 * From the class token's features [B, D] up to the tokens [B, T, D] of the last layer. The norm may stand before or behind the
 * choice of the token: it works per token.
 */
export function readClassToken(index: GraphIndex, features: string): ClassTokenReading {
  let value = features;
  let norm: Node | undefined;
  let classToken: number | undefined;
  let node = index.producer(value);
  for (; node !== undefined && (norm === undefined || classToken === undefined); node = index.producer(value)) {
    const chosen = chosenToken(index, node);
    if (chosen !== undefined && classToken === undefined) classToken = chosen;
    else if (node.op === "LayerNormalization" && norm === undefined) norm = node;
    else if (!LAYOUT.has(node.op)) break;
    value = node.inputs[0] as string;
  }
  if (norm === undefined) throw unlikeVit("final norm", "a LayerNormalization before the head", say(node));
  if (classToken === undefined) {
    throw unlikeVit("class token", "a Gather or Slice of one token before the head", say(node), hintOn(node));
  }
  return { stream: value, finalNorm: describeNorm(index, norm), classToken };
}

function hintOn(node: Node | undefined): string | undefined {
  return node?.op === "ReduceMean" ? "Networks that average their tokens have no class token to exit with" : undefined;
}

/** The token that a Gather or Slice along axis 1 keeps. */
function chosenToken(index: GraphIndex, node: Node): number | undefined {
  if (node.op === "Gather" && intAttribute(node, "axis", 0) === 1) {
    return tokenNumber(numberOf(index.constant(node.inputs[1] as string)));
  }
  if (node.op !== "Slice") return undefined;
  const [, starts, ends, axes, steps] = node.inputs.map((name) => numberOf(index.constant(name)));
  if (axes !== 1 || starts === undefined || ends !== starts + 1 || (steps ?? 1) !== 1) return undefined;
  return tokenNumber(starts);
}

function tokenNumber(number: number | undefined): number | undefined {
  return number !== undefined && number >= 0 ? number : undefined;
}

function describeNorm(index: GraphIndex, node: Node): FinalNorm {
  const [input, weight, bias = ""] = node.inputs as [string, string, string?];
  const stored = index.graph.initializers;
  if (!stored.has(weight) || (bias !== "" && !stored.has(bias))) {
    throw unlikeVit(`final norm "${node.name}"`, "a weight and bias among the initializers", "computed ones");
  }
  return {
    node: node.name,
    input,
    output: node.outputs[0] as string,
    weight,
    bias: bias === "" ? null : bias,
    epsilon: floatAttribute(node, "epsilon", 1e-5),
  };
}
