import { GraphBuilder } from "@quee/onnx-graph";
import { randomStream, type Tensor } from "@quee/tensor";
import { compareVariants, oneSample } from "@quee/tooling-testing";
import { bench, describe } from "vitest";
import { adam } from "./adam.js";
import { createTrainStep } from "./create-train-step.js";
import { crossEntropy } from "./losses.js";
import { plainAdam } from "./plain-adam.test.data.js";
import { oneHot } from "./rows.js";

const [batch, width, classes] = [512, 256, 10];
const random = randomStream(1, "bench");
const x: Tensor = {
  shape: [batch, width],
  data: Float32Array.from({ length: batch * width }, () => random.normal()),
};
const labels = Int32Array.from({ length: batch }, () => random.below(classes));
const targets = oneHot(labels, classes);

async function compare(): Promise<void> {
  const builder = new GraphBuilder("softmax-regression");
  const weight = builder.tensor("weight", [width, classes], new Float32Array(width * classes));
  const product = builder.matMul(builder.input("x", ["batch", width]), weight);
  const logits = builder.plus(product, builder.tensor("bias", [classes], new Float32Array(classes)));
  crossEntropy(builder, logits, builder.input("targets", ["batch", classes]));
  builder.output("loss", []);
  const step = await createTrainStep({
    ...{ graph: builder.build(), parameters: ["weight", "bias"], optimizer: adam() },
  });
  const plain = plainAdam(new Float64Array((width + 1) * classes), {});
  await compareVariants(
    { part: "head steps", work: `softmax regression, ${width} features, ${classes} classes, batch ${batch}` },
    {
      "plain loops in float64": () => plain.update(plainGradient(plain.theta), 1e-3),
      "one run of onnxruntime": () => step.step({ x, targets }, 1e-3),
    },
  );
  await step.release();
}

describe("a training step, one thread", () => {
  bench("softmax regression", compare, oneSample);
});

const x64 = Float64Array.from(x.data);
const probabilities = new Float64Array(classes);

function plainGradient(theta: Float64Array): Float64Array {
  const gradient = new Float64Array(theta.length);
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < classes; k++) probabilities[k] = theta[width * classes + k];
    for (let d = 0; d < width; d++) {
      const value = x64[n * width + d];
      for (let k = 0; k < classes; k++) probabilities[k] += value * theta[d * classes + k];
    }
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += probabilities[k] = Math.exp(probabilities[k]);
    for (let k = 0; k < classes; k++) {
      probabilities[k] = (probabilities[k] / sum - (labels[n] === k ? 1 : 0)) / batch;
      gradient[width * classes + k] += probabilities[k];
    }
    for (let d = 0; d < width; d++) {
      const value = x64[n * width + d];
      for (let k = 0; k < classes; k++) gradient[d * classes + k] += value * probabilities[k];
    }
  }
  return gradient;
}
