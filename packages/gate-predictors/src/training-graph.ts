import { fromTensor, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { meanSquaredError } from "@quee/training";
import { encodePaths, type PathEncoding } from "./encode-path.js";
import { type GateNetwork, mapChains } from "./network.js";
import type { GatePairs } from "./pairs.js";

/**
 * The loss of one gate over a batch: mean over images and pairs of (h(u, π′) − p̃e(π′ | x))².
 * QuEE (arXiv 2406.14404), equation 16 (‖·‖₂ of a single number, squared).
 *
 * Inputs `features` [B, P, 2C + 4], u of each image behind each of the P prefixes, and `targets` [B, A], p̃e of each of the
 * A pairs. Outputs `loss` and `predicted` [B, A]. Parameters are initializers named as in `parametersOf`.
 */
export function trainingGraph(network: GateNetwork, { prefixes, pairs }: GatePairs, encoding: PathEncoding): Graph {
  const builder = new GraphBuilder("gate");
  const featureCount = network.image[0].weight.shape[0];
  const features = builder.input("features", ["batch", prefixes.length, featureCount]);
  const targets = builder.input("targets", ["batch", pairs.length]);
  const paths = fromTensor(
    encodePaths(
      pairs.map(({ candidate }) => candidate),
      encoding,
    ),
  );
  const names = mapChains(network, ({ weight, bias }, name) => ({
    weight: builder.initializer(`${name}.weight`, fromTensor(weight)),
    bias: bias === null ? null : builder.initializer(`${name}.bias`, fromTensor(bias)),
  }));

  const ofImages = chain(builder, names.image, features); // [B, P, F]
  const ofPaths = chain(builder, names.path, builder.initializer("paths", paths)); // [A, F]
  // [A, P]·[B, P, F] hands every pair the row of its prefix.
  const ofPairs = builder.matMul(builder.initializer("prefix_of_pair", selection(prefixes.length, pairs)), ofImages);
  const logits = chain(builder, names.joint, builder.add("Relu", [builder.plus(ofPairs, ofPaths)])); // [B, A, 1]
  const predicted = builder.reshape(builder.add("Sigmoid", [logits]), [-1, pairs.length], "predicted");
  const loss = meanSquaredError(builder, predicted, targets);
  builder.output(loss, []);
  builder.output(predicted, ["batch", pairs.length]);
  return builder.build();
}

/** Dense layers with ReLU between them, none behind the last. */
function chain(builder: GraphBuilder, layers: readonly NamedLayer[], input: string): string {
  return layers.reduce((x, { weight, bias }, l) => {
    const product = builder.matMul(l === 0 ? x : builder.add("Relu", [x]), weight);
    return bias === null ? product : builder.plus(product, bias);
  }, input);
}

/** Names of the initializers of a `DenseLayer`. */
interface NamedLayer {
  readonly weight: string;
  readonly bias: string | null;
}

function selection(prefixCount: number, pairs: GatePairs["pairs"]) {
  const data = new Float32Array(pairs.length * prefixCount);
  pairs.forEach(({ prefix }, a) => {
    data[a * prefixCount + prefix] = 1;
  });
  return fromTensor({ shape: [pairs.length, prefixCount], data });
}
