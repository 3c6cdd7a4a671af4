import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { randomStream, type Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { describe, expect, test } from "vitest";
import { type Adam, adam } from "./adam.js";
import { createTrainStep, type TrainStep, type TrainStepOptions } from "./create-train-step.js";
import { crossEntropy } from "./losses.js";
import { plainAdam } from "./plain-adam.test.data.js";
import { gatherRows, oneHot } from "./rows.js";

const [samples, features, classes] = [48, 6, 3];
const random = randomStream(5, "softmax regression");
const x: Tensor = {
  shape: [samples, features],
  data: Float32Array.from({ length: samples * features }, () => random.normal()),
};
const labels = Int32Array.from({ length: samples }, (_, i) => ((x.data[i * features] ?? 0) > 0 ? 1 : i % classes));
const targets = oneHot(labels, classes);
const firstWeight = Float32Array.from({ length: features * classes }, () => 0.1 * random.normal());

/** loss = cross-entropy of x·W + b */
function regression({ logits = false } = {}): Graph {
  const builder = new GraphBuilder("softmax-regression");
  const product = builder.matMul(
    builder.input("x", ["batch", features]),
    builder.tensor("weight", [features, classes], firstWeight),
  );
  builder.plus(product, builder.tensor("bias", [classes], new Float32Array(classes)), "logits");
  crossEntropy(builder, "logits", builder.input("targets", ["batch", classes]));
  builder.output("loss", []);
  if (logits) builder.output("logits", ["batch", classes]);
  return builder.build();
}

function open(optimizer: Adam, more: Partial<TrainStepOptions> = {}): Promise<TrainStep> {
  return createTrainStep({ graph: regression(), parameters: ["weight", "bias"], optimizer, ...more });
}

/** θ = [W, b]: the gradient of the same loss, written out. */
function plainGradient(theta: Float64Array): { loss: number; gradient: Float64Array } {
  const gradient = new Float64Array(theta.length);
  let loss = 0;
  for (let n = 0; n < samples; n++) {
    const logits = Array.from({ length: classes }, (_, k) => {
      let sum = theta[features * classes + k];
      for (let d = 0; d < features; d++) sum += x.data[n * features + d] * theta[d * classes + k];
      return sum;
    });
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    logits.forEach((logit, k) => {
      const error = (Math.exp(logit) / total - targets.data[n * classes + k]) / samples;
      if (targets.data[n * classes + k] === 1) loss -= (logit - Math.log(total)) / samples;
      for (let d = 0; d < features; d++) gradient[d * classes + k] += error * x.data[n * features + d];
      gradient[features * classes + k] += error;
    });
  }
  return { loss, gradient };
}

const first = Float64Array.from([...firstWeight, 0, 0, 0]);
const flat = (step: TrainStep) => [...step.parameters().values()].flatMap(({ data }) => [...data]);

describe("a step equals a plain Adam", () => {
  test.each([
    ["without decay", {}],
    ["with coupled decay", { weightDecay: 0.1 }],
    ["with decoupled decay", { weightDecay: 0.1, decoupled: true }],
    ["with other constants", { beta1: 0.8, beta2: 0.95, epsilon: 1e-3 }],
  ])("%s", async (_, settings) => {
    const step = await open(adam(settings));
    const plain = plainAdam(first, settings);
    for (let t = 0; t < 25; t++) {
      const rate = 0.05 / (1 + t);
      const { loss } = await step.step({ x, targets }, rate);
      const expected = plainGradient(plain.theta);
      plain.update(expected.gradient, rate);
      expectAllclose([loss], [expected.loss], { rtol: 1e-5 });
    }
    expectAllclose(flat(step), plain.theta, { rtol: 1e-4, atol: 1e-5 });
    await step.release();
  });

  test("with the gradient clipped to a norm", async () => {
    const step = await open(adam({ epsilon: 0.1 }), { clipNorm: 0.05 });
    const plain = plainAdam(first, { epsilon: 0.1 });
    for (let t = 0; t < 5; t++) {
      await step.step({ x, targets }, 0.1);
      const { gradient } = plainGradient(plain.theta);
      const norm = Math.hypot(...gradient);
      expect(norm).toBeGreaterThan(0.05);
      plain.update(
        gradient.map((g) => (g * 0.05) / norm),
        0.1,
      );
    }
    expectAllclose(flat(step), plain.theta, { rtol: 1e-4, atol: 1e-5 });
    await step.release();
  });

  test("where only some parameters decay", async () => {
    const step = await open(adam({ weightDecay: 0.5, decoupled: true, decays: (name) => name === "weight" }));
    const plain = plainAdam(first, { weightDecay: 0.5, decoupled: true, decaysUntil: features * classes });
    for (let t = 0; t < 5; t++) {
      await step.step({ x, targets }, 0.1);
      plain.update(plainGradient(plain.theta).gradient, 0.1);
    }
    expectAllclose(flat(step), plain.theta, { rtol: 1e-4, atol: 1e-5 });
    await step.release();
  });
});

test("coupled and decoupled decay differ", async () => {
  const results = [];
  for (const decoupled of [false, true]) {
    const step = await open(adam({ weightDecay: 0.1, decoupled }));
    for (let t = 0; t < 10; t++) await step.step({ x, targets }, 0.05);
    results.push(flat(step));
    await step.release();
  }
  const [coupled, decoupled] = results;
  expect(Math.hypot(...coupled.map((value, i) => value - decoupled[i]))).toBeGreaterThan(0.01);
});

test("softmax regression ends where plain gradient descent ends", async () => {
  const step = await open(adam());
  let loss = 0;
  for (let t = 0; t < 1500; t++) loss = (await step.step({ x, targets }, t < 1000 ? 0.1 : 0.01)).loss;
  const theta = first.slice();
  for (let t = 0; t < 6000; t++) {
    const { gradient } = plainGradient(theta);
    gradient.forEach((g, i) => {
      theta[i] -= 0.5 * g;
    });
  }
  expectAllclose([loss], [plainGradient(theta).loss], { rtol: 1e-3 });
  await step.release();
});

test("two workers take the same steps as one thread", async () => {
  const alone = await open(adam({ weightDecay: 0.01 }), { clipNorm: 0.5 });
  const shared = await open(adam({ weightDecay: 0.01 }), { clipNorm: 0.5, workers: 2 });
  // 47 samples: the parts differ in size, so their weights count.
  const rows = Array.from({ length: samples - 1 }, (_, i) => i);
  const batch = { x: gatherRows(x, rows), targets: gatherRows(targets, rows) };
  for (let t = 0; t < 10; t++) {
    const losses = [await alone.step(batch, 0.05), await shared.step(batch, 0.05)].map(({ loss }) => loss);
    expectAllclose([losses[0]], [losses[1]], { rtol: 1e-5 });
  }
  expectAllclose(flat(shared), flat(alone), { rtol: 1e-4, atol: 1e-5 });
  await Promise.all([alone.release(), shared.release()]);
});

test("the same steps give the same bytes, also from a saved state", async () => {
  const run = async (step: TrainStep, count: number) => {
    for (let t = 0; t < count; t++) await step.step({ x, targets }, 0.05);
    return step;
  };
  const [whole, twin, interrupted, resumed] = await Promise.all([0, 1, 2, 3].map(() => open(adam())));
  await run(whole, 8);
  await run(twin, 8);
  resumed.setState((await run(interrupted, 3)).state());
  await run(resumed, 5);
  expect(twin.state()).toEqual(whole.state());
  expect(resumed.state()).toEqual(whole.state());
  await Promise.all([whole, twin, interrupted, resumed].map((step) => step.release()));
});

test("other outputs of the graph come with the step, and the loss is that before it", async () => {
  const step = await open(adam(), { graph: regression({ logits: true }) });
  const { loss, outputs } = await step.step({ x, targets }, 0.1);
  expect(Object.keys(outputs)).toEqual(["logits"]);
  expect(outputs["logits"].shape).toEqual([samples, classes]);
  expectAllclose([loss], [plainGradient(first).loss], { rtol: 1e-5 });
  await step.release();
});

test("parameters that were handed out do not change, and those set are used", async () => {
  const step = await open(adam());
  const before = step.parameters();
  await step.step({ x, targets }, 0.1);
  expect(before.get("weight")?.data).toEqual(firstWeight);
  expect(step.parameters().get("weight")?.data).not.toEqual(firstWeight);
  step.setParameters(new Map([["weight", { shape: [features, classes], data: new Float32Array(features * classes) }]]));
  step.setParameters(new Map([["bias", { shape: [classes], data: new Float32Array(classes) }]]));
  expectAllclose([(await step.step({ x, targets }, 0.1)).loss], [Math.log(classes)], { rtol: 1e-5 });
  await step.release();
});

describe("is refused with a reason", () => {
  test("a loss that is not finite, and the parameters stay", async () => {
    const step = await open(adam());
    const broken = { shape: x.shape, data: x.data.map((value, i) => (i === 3 ? Number.NaN : value)) };
    await expect(step.step({ x: broken, targets }, 0.1)).rejects.toMatchObject({ kind: "numeric" });
    expect(step.parameters().get("weight")?.data).toEqual(firstWeight);
    expect(step.state().steps).toBe(0);
    await step.release();
  });

  test("parameters that are no initializers, none at all, or one twice", async () => {
    const parameters = [["weight", "x"], [], ["bias", "bias"]];
    for (const names of parameters) {
      await expect(open(adam(), { parameters: names })).rejects.toMatchObject({ code: "E_PARAMETER", kind: "input" });
    }
  });

  test("values of another shape or name, and a state of another network", async () => {
    const step = await open(adam());
    const bias = { shape: [classes + 1], data: new Float32Array(classes + 1) };
    expect(() => step.setParameters(new Map([["bias", bias]]))).toThrow(
      'parameter "bias": expected shape [3], got [4]',
    );
    expect(() => step.setParameters(new Map([["offset", bias]]))).toThrow("expected one of weight, bias");
    expect(() => step.setState({ ...step.state(), parameters: new Float32Array(1) })).toThrow("vectors of 21 numbers");
    await step.release();
  });

  test("workers that would have threads too, or nothing to share", async () => {
    await expect(open(adam(), { workers: 2, threads: 2 })).rejects.toMatchObject({ kind: "usage" });
    await expect(open(adam(), { workers: 0 })).rejects.toMatchObject({ kind: "usage" });
    const graph = regression({ logits: true });
    await expect(open(adam(), { graph, workers: 2 })).rejects.toMatchObject({ code: "E_TRAIN_OUTPUTS" });
    const step = await open(adam(), { workers: 2 });
    const one = { x: gatherRows(x, [0]), targets: gatherRows(targets, [0]) };
    await expect(step.step(one, 0.1)).rejects.toMatchObject({ code: "E_TRAIN_BATCH" });
    await step.release();
  });
});
