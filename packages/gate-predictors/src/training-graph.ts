import { fromTensor, type Graph, GraphBuilder } from "@quee/onnx-graph";
import type { Tensor } from "@quee/tensor";
import { binaryCrossEntropy, meanSquaredError } from "@quee/training";
import { type GateNetwork, mapChains } from "./network.js";

/** What a network is trained to tell apart: A pairs of something seen and something to foresee. */
export interface TrainingPairs {
  /** P: ways to come to the gate, each with a u of its own. */
  readonly prefixCount: number;
  /** Which of them each pair goes on from. [A] */
  readonly prefixOf: readonly number[];
  /** p of each pair, [A, width of p]. */
  readonly encoded: Tensor;
}

export type GateLoss = "mse" | "bce";

/** What a network says: a probability, or, where targets are none, the last layer as it is. */
export type GateOutput = "sigmoid" | "linear";

/**
 * The loss of one gate over a batch, a mean over images and pairs: (h(u, π′) − p̃e(π′ | x))², QuEE (arXiv 2406.14404),
 * equation 16 (‖·‖₂ of a single number, squared); or the cross-entropy of p̃e and h, which punishes a sure mistake without bound.
 *
 * Inputs `features` [B, P, width of u], u of each image behind each of the P prefixes, and `targets` [B, A], p̃e of each of the
 * A pairs. Outputs `loss` and `predicted` [B, A]. Parameters are initializers named as in `parametersOf`.
 */
export function trainingGraph(
  network: GateNetwork,
  pairs: TrainingPairs,
  { loss = "mse", output = "sigmoid" }: { readonly loss?: GateLoss; readonly output?: GateOutput | undefined } = {},
): Graph {
  const builder = new GraphBuilder("gate");
  const pairCount = pairs.prefixOf.length;
  const featureCount = network.image[0].weight.shape[0];
  const features = builder.input("features", ["batch", pairs.prefixCount, featureCount]);
  const targets = builder.input("targets", ["batch", pairCount]);
  const names = mapChains(network, ({ weight, bias }, name) => ({
    weight: builder.initializer(`${name}.weight`, fromTensor(weight)),
    bias: bias === null ? null : builder.initializer(`${name}.bias`, fromTensor(bias)),
  }));

  const ofImages = chain(builder, names.image, features); // [B, P, F]
  const ofPaths = chain(builder, names.path, builder.initializer("paths", fromTensor(pairs.encoded))); // [A, F]
  // [A, P]·[B, P, F] hands every pair the row of its prefix.
  const ofPairs = builder.matMul(builder.initializer("prefix_of_pair", selection(pairs)), ofImages);
  const joint = chain(builder, names.joint, builder.add("Relu", [builder.plus(ofPairs, ofPaths)])); // [B, A, 1]
  const logits = builder.reshape(joint, [-1, pairCount]);
  const predicted = builder.add(output === "sigmoid" ? "Sigmoid" : "Identity", [logits], {}, "predicted");
  builder.output(
    loss === "mse" ? meanSquaredError(builder, predicted, targets) : binaryCrossEntropy(builder, logits, targets),
    [],
  );
  builder.output(predicted, ["batch", pairCount]);
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

function selection({ prefixCount, prefixOf }: TrainingPairs) {
  const data = new Float32Array(prefixOf.length * prefixCount);
  prefixOf.forEach((prefix, a) => {
    data[a * prefixCount + prefix] = 1;
  });
  return fromTensor({ shape: [prefixOf.length, prefixCount], data });
}
