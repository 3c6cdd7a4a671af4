import type { Session } from "@quee/onnx-session";
import { softmaxRows, type Tensor, tensor } from "@quee/tensor";
import { crossEntropies } from "../networks/cross-entropies.js";

/** Samples as JEI-DNN is trained on: features of the exits that get heads, and what the frozen last exit says. */
export interface JeiDnnSamples {
  readonly labels: Int32Array;
  readonly classCount: number;
  /** By exit but the last, [n, F] */
  readonly features: readonly Tensor[];
  /** p̂ of the last exit, [n, K] */
  readonly last: Tensor;
}

/** What all exits say about samples, with heads as they are. */
export interface ExitsOfSamples {
  /** p̂ by exit, the last one's included; [n, K] each */
  readonly probabilities: readonly Tensor[];
  /** [n, E] in nats */
  readonly crossEntropy: Float64Array;
}

/** @param session of `headsGraph` with its parameters as inputs */
export async function exitsOfSamples(
  session: Session,
  heads: ReadonlyMap<string, Tensor>,
  { labels, classCount, features, last }: JeiDnnSamples,
): Promise<ExitsOfSamples> {
  const names = features.map((_, l) => `logits_${l}`);
  const feeds = Object.fromEntries([...heads, ...features.map((of, l) => [`features_${l}`, of] as const)]);
  const count = labels.length;
  // The loss is not fetched, but its inputs must be there.
  const unused = {
    targets: tensor([count, classCount], new Float32Array(count * classCount)),
    importance: tensor([count, features.length], new Float32Array(count * features.length)),
  };
  const outputs = await session.run({ ...feeds, ...unused }, names);
  const probabilities = [...names.map((name) => softmaxRows(outputs[name])), last];
  const rows = probabilities.map(({ data }) => data);
  return { probabilities, crossEntropy: crossEntropies(rows, labels, classCount) };
}
