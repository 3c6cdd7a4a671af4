import { type Graph, inferShapes } from "@quee/onnx-graph";
import type { WeightType } from "@quee/onnx-session";
import type { BlockEncodings } from "../encodings.js";
import { fakeQuantizeGraph } from "../fake-quantize-graph.js";
import { copyOfDoor, finishedCopy, nameGiver } from "../graph-copy.js";
import { ActivationCodes } from "./activation-codes.js";
import { codeRegions } from "./code-regions.js";
import { readSites } from "./site-readings.js";
import { writeLinear } from "./write-linear.js";
import { writeProduct } from "./write-product.js";

export interface IntegerOptions {
  /**
   * `int8` (default) where the processor's product of uint8 and int8 is exact, else `uint8`: slower, exact everywhere. What the
   * machine at hand needs is told by `exactWeightType()` of @quee/onnx-session.
   */
  readonly weights?: WeightType;
}

/**
 * The same arithmetic as `fakeQuantizeGraph`, by integer products: activations as uint8 codes with zero point 2^(b−1), weights as
 * codes with a step per column, `MatMulIntegerToFloat` with the bias; scores of uniform queries and keys as products of integers.
 * In float stay norms, softmax, GELU, residuals, performers, the product behind a twin softmax, and convolutions, whose input
 * PTQ4ViT leaves in float. Fewer than 8 bits are codes in bytes: no kernel is faster there.
 */
export function integerGraph(
  graph: Graph,
  encodings: BlockEncodings,
  { weights = "int8" }: IntegerOptions = {},
): Graph {
  const readings = readSites(graph, encodings);
  const mixed = fakeQuantizeGraph(graph, readings.floating);
  const builder = copyOfDoor(mixed);
  const names = nameGiver(mixed);
  const codes = new ActivationCodes(builder, names, codeRegions(mixed, inferShapes(mixed), readings));
  const writer = { graph: mixed, builder, names, codes, weights };
  for (const node of mixed.nodes) {
    const reading = readings.byNode.get(node.name);
    if (reading?.kind === "linear") writeLinear(writer, reading);
    else if (reading?.kind === "product") writeProduct(writer, { ...reading, node });
    else if (!readings.fused.has(node.name)) builder.node(codes.moved(node));
  }
  return finishedCopy(builder, mixed);
}
