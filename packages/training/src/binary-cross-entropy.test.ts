import { GraphBuilder } from "@quee/onnx-graph";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { adam } from "./adam.js";
import { binaryCrossEntropy } from "./binary-cross-entropy.js";
import { createTrainStep } from "./create-train-step.js";

const logits = [-200, -3, -0.5, 0, 0.25, 2, 200];
const targets = [0, 1, 0.3, 1, 0.9, 0, 1];

test("the loss and its gradient are those of the definition, also where the sigmoid is 0 or 1 in float32", async () => {
  const builder = new GraphBuilder("logits-alone");
  const parameter = builder.tensor("logits", [7], Float32Array.from(logits));
  binaryCrossEntropy(builder, builder.plus(parameter, builder.input("zero", [7])), builder.input("targets", [7]));
  builder.output("loss", []);
  const step = await createTrainStep({ graph: builder.build(), parameters: ["logits"], optimizer: adam({ beta1: 0 }) });
  const zero = { shape: [7], data: new Float32Array(7) };
  const { loss } = await step.step({ zero, targets: { shape: [7], data: Float32Array.from(targets) } }, 0);
  const { firstMoment } = step.state();
  await step.release();
  const softplus = (z: number) => (z > 30 ? z : Math.log1p(Math.exp(z)));
  const terms = logits.map((z, i) => targets[i] * softplus(-z) + (1 - targets[i]) * softplus(z));
  expect(loss).toBeCloseTo(terms.reduce((a, b) => a + b, 0) / 7, 6);
  // Without momentum Adam's first moment is the gradient: (σ(z) − t) / 7.
  const gradient = logits.map((z, i) => (1 / (1 + Math.exp(-z)) - targets[i]) / 7);
  expectAllclose(firstMoment, gradient, { rtol: 1e-5, atol: 1e-7 });
});
