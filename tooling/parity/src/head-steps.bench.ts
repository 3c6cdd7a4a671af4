import { cleanGraph, GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { randomStream, type Tensor } from "@quee/tensor";
import { compareVariants, oneSample } from "@quee/tooling-testing";
import { adam, createTrainStep, crossEntropy, gatherRows, oneHot, type TrainStep } from "@quee/training";
import { analyzeVit, cutBlocks } from "@quee/vit-blocks";
import { bench, describe } from "vitest";
import { backbone } from "./backbone.bench.helper.js";

const [count, classCount] = [32, 10];

/** Softmax regression on features of some width. */
function headStep(width: number): Promise<TrainStep> {
  const builder = new GraphBuilder("head");
  const weight = builder.tensor("weight", [width, classCount], new Float32Array(width * classCount));
  const bias = builder.tensor("bias", [classCount], new Float32Array(classCount));
  const logits = builder.plus(builder.matMul(builder.input("features", ["batch", width]), weight), bias);
  crossEntropy(builder, logits, builder.input("targets", ["batch", classCount]));
  builder.output("loss", []);
  return createTrainStep({ graph: builder.build(), parameters: ["weight", "bias"], optimizer: adam() });
}

async function compare(): Promise<void> {
  const graph = cleanGraph(backbone.graph());
  // The last exit keeps the head of the backbone.
  const blocks = cutBlocks(graph, analyzeVit(graph), backbone.exits).slice(0, -1);
  const sessions = await Promise.all(blocks.map((block) => openSession(block.graph)));
  const [pixels] = (await backbone.batches(count)) as [Tensor];
  const featuresOf = async () => {
    const features: Tensor[] = [];
    let hidden = pixels;
    for (const [j, { input }] of blocks.entries()) {
      const outputs = await sessions[j]!.run({ [input]: hidden });
      features.push(outputs["exit_features"] as Tensor);
      hidden = outputs["hidden_states"] as Tensor;
    }
    return features;
  };
  const cached = await featuresOf();
  const steps = await Promise.all(cached.map(({ shape }) => headStep(shape[1] as number)));
  const random = randomStream(1, "labels");
  const targets = oneHot(
    Int32Array.from({ length: count }, () => random.below(classCount)),
    classCount,
  );
  const stepOn = async (features: readonly Tensor[]) => {
    for (const [e, step] of steps.entries()) await step.step({ features: features[e] as Tensor, targets }, 1e-3);
  };
  const rows = Int32Array.from({ length: count }, () => random.below(count));
  await compareVariants(
    { part: "head steps", work: `${steps.length} heads of ${backbone.name}, batch ${count}` },
    {
      "frozen backbone in every step": async () => stepOn(await featuresOf()),
      "cached features": () => stepOn(cached.map((features) => gatherRows(features, rows))),
    },
  );
  await Promise.all([...sessions, ...steps].map((one) => one.release()));
}

describe("a step of exit heads, one thread", () => {
  bench(backbone.name, compare, oneSample);
});
