import { type DifferentiableOp, differentiableOps, differentiate } from "@quee/onnx-autodiff";
import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { type Random, randomStream, sizeOf, type Tensor, zeros } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { crossEntropy, oneHot } from "@quee/training";
import { buildT2tVit, buildVit, parameterNames } from "@quee/vit-architectures";
import { describe, expect, test } from "vitest";
import { type Draw, type GradientCase, gradientCases } from "./autodiff-cases.js";

type Feeds = Readonly<Record<string, Tensor>>;

const all = differentiableOps.flatMap((op) => gradientCases[op].map((of) => [op, of.title, of] as const));

test("every differentiable operator has a case", () => {
  expect(Object.keys(gradientCases)).toEqual([...differentiableOps]);
  for (const op of differentiableOps) expect(gradientCases[op].length).toBeGreaterThan(0);
});

test.each(all)("%s, %s: gradient agrees with finite differences", checkGradient);

/** Loss Σ w∘y with random w: our gradient of every input element against (loss(x + h) − loss(x − h))/2h. */
async function checkGradient(op: DifferentiableOp, title: string, of: GradientCase): Promise<void> {
  const random = randomStream(7, `${op} ${title}`);
  const feeds = Object.fromEntries(
    Object.entries(of.inputs).map(([name, shape]) => {
      const dims = shape.map((dim) => (typeof dim === "number" ? dim : 2));
      return [
        name,
        { shape: dims, data: Float32Array.from({ length: sizeOf(dims) }, () => drawFrom(random, of.draw)) },
      ];
    }),
  );
  const forward = graphOf(of, null);
  expect(forward.nodes.map(({ op: type, domain }) => (domain === "" ? type : `${domain}:${type}`))).toContain(op);
  const session = await openSession(forward);
  const output = async (at: Feeds): Promise<Tensor> => (await session.run(at))["output"] as Tensor;
  const { shape } = await output(feeds);
  const weights = { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()) };
  // Summed in float64, so that only the operator itself rounds.
  const loss = async (at: Feeds) => (await output(at)).data.reduce((sum, y, i) => sum + y * (weights.data[i] ?? 0), 0);

  const gradients = await gradientsOf(graphOf(of, weights), Object.keys(feeds), feeds);
  const step = 2 ** -6;
  for (const [name, { shape: dims, data }] of Object.entries(feeds)) {
    const numeric = new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) {
      const moved = (by: number) => ({
        ...feeds,
        [name]: { shape: dims, data: data.map((v, j) => (j === i ? v + by : v)) },
      });
      numeric[i] = ((await loss(moved(step))) - (await loss(moved(-step)))) / (2 * step);
    }
    expect(gradients.get(name)?.shape).toEqual(dims);
    expectAllclose(gradients.get(name)?.data ?? [], numeric, { rtol: 1e-2, atol: 4e-3 });
  }
  await session.release();
}

function drawFrom(random: Random, draw: Draw = "normal"): number {
  const x = random.normal();
  // Clip's bounds are 0.9 and −0.4: no kink may lie within a step of a number.
  const clear = [-0.4, 0.9].some((kink) => Math.abs(x - kink) < 0.1) ? x + 0.25 : x;
  if (draw === "positive") return 0.5 + Math.abs(x);
  return draw === "nonzero" ? clear + Math.sign(clear) * 0.05 : clear;
}

function graphOf({ inputs, opset, write }: GradientCase, weights: Tensor | null): Graph {
  const builder = new GraphBuilder("case");
  if (opset !== undefined) builder.opset("", opset);
  for (const [name, shape] of Object.entries(inputs)) builder.input(name, shape);
  const y = write(builder);
  builder.output(builder.add("Identity", [y], {}, "output"));
  if (weights !== null) {
    const weighted = builder.times("output", builder.tensor("weights", weights.shape, weights.data));
    builder.add("ReduceSum", [weighted], { keepdims: 0 }, "loss");
    builder.output("loss", []);
  }
  return builder.build();
}

async function gradientsOf(graph: Graph, names: readonly string[], feeds: Feeds): Promise<ReadonlyMap<string, Tensor>> {
  const { graph: whole, gradients } = differentiate(graph, { loss: "loss", withRespectTo: names });
  const wanted = [...new Set(gradients.values())].map((name) => ({ name, dtype: "float32", shape: null }) as const);
  const session = await openSession({ ...whole, outputs: wanted });
  const results = await session.run(feeds);
  await session.release();
  return new Map([...gradients].map(([name, gradient]) => [name, results[gradient] as Tensor]));
}

describe("a whole network", () => {
  const vit = buildVit({
    ...{ imageSize: 8, patchSize: 4, width: 12, depth: 2, heads: 3, mlpRatio: 2, classCount: 5, seed: 1 },
  });
  const t2t = buildT2tVit({
    ...{ imageSize: 16, width: 12, depth: 1, heads: 2, mlpRatio: 2, tokenWidth: 8, classCount: 5, seed: 1 },
  });

  test.each([
    ["ViT", vit, 8],
    ["T2T-ViT", t2t, 16],
  ] as const)("%s: the gradient of every parameter agrees with finite differences", async (_, network, side) => {
    const random = randomStream(3, "network");
    const names = parameterNames(network);
    const values = new Map(names.map((name) => [name, disturbed(network, name, random)]));
    const graph = withLoss(network, values);
    const targets = oneHot([0, 3, 4], 5);
    const pixels = {
      shape: [3, 3, side, side],
      data: Float32Array.from({ length: 9 * side * side }, () => random.normal()),
    };
    const feeds: Feeds = { pixel_values: pixels, targets };
    const gradients = await gradientsOf(graph, [...names, "pixel_values"], feeds);

    const session = await openSession(parametersAsInputs(graph, names));
    const at: Feeds = { ...feeds, ...Object.fromEntries(values) };
    for (const [name, gradient] of gradients) {
      const { shape, data } = at[name] as Tensor;
      expect(gradient.shape).toEqual(shape);
      // Along the gradient and a little beside it: a gradient with a wrong part misses its own length.
      const length = Math.hypot(...gradient.data);
      const beside = 0.3 / Math.sqrt(data.length);
      const direction = gradient.data.map((g) => g / (length + 1e-9) + beside * random.normal());
      const lossAt = async (h: number): Promise<number> => {
        const moved = { shape, data: data.map((v, i) => v + h * (direction[i] ?? 0)) };
        return (await session.run({ ...at, [name]: moved }))["loss"]?.data[0];
      };
      const numeric = ((await lossAt(4e-3)) - (await lossAt(-4e-3))) / 8e-3;
      const analytic = direction.reduce((sum, d, i) => sum + d * (gradient.data[i] ?? 0), 0);
      expectAllclose([analytic], [numeric], { rtol: 1e-2, atol: 1e-3 });
    }
    await session.release();
  });

  test("the gradient of an inner activation is that of the network behind it", async () => {
    const [x, first, second] = ["x", "first", "second"];
    const weights = [Float32Array.of(1, -2, 0.5, 3), Float32Array.of(0.3, 2, -1, 1)] as const;
    const behind = (builder: GraphBuilder, from: string) => {
      builder.add("Tanh", [builder.matMul(from, builder.tensor("w2", [2, 2], weights[1]))], {}, second);
      builder.add("ReduceSum", [builder.times(second, second)], { keepdims: 0 }, "loss");
      return builder.build();
    };
    const whole = new GraphBuilder("whole");
    whole.input(x, ["batch", 2]);
    whole.matMul(x, whole.tensor("w1", [2, 2], weights[0]), first);
    const tail = new GraphBuilder("tail");
    tail.input(first, ["batch", 2]);

    const feeds = { x: { shape: [2, 2], data: Float32Array.of(0.1, -0.2, 0.3, 0.4) } };
    const inner = await gradientsOf(behind(whole, first), [first, x], feeds);
    const reached = { shape: [2, 2], data: Float32Array.of(0, -0.8, 0.5, 0.6) };
    const asInput = await gradientsOf(behind(tail, first), [first], { first: reached });
    expectAllclose(inner.get(first)?.data ?? [], asInput.get(first)?.data ?? [], { rtol: 1e-6 });
    // ∂x = ∂first·w₁ᵀ
    const [g0 = 0, g1 = 0] = inner.get(first)?.data ?? [];
    expectAllclose((inner.get(x)?.data ?? zeros([2]).data).slice(0, 2), [g0 - 2 * g1, 0.5 * g0 + 3 * g1], {
      rtol: 1e-5,
    });
  });
});

/** Weights far from their small beginnings, so that no gradient is tiny. */
function disturbed(network: Graph, name: string, random: Random): Tensor {
  const { dims, data } = network.initializers.get(name) ?? { dims: [], data: new Float32Array() };
  return { shape: dims, data: Float32Array.from(data as Float32Array, (value) => value + 0.3 * random.normal()) };
}

function withLoss(network: Graph, values: ReadonlyMap<string, Tensor>): Graph {
  const builder = GraphBuilder.from(network);
  crossEntropy(builder, "logits", builder.input("targets", ["batch", 5]), { labelSmoothing: 0.1 });
  builder.clearOutputs();
  builder.output("loss", []);
  const changed = [...values].map(
    ([name, { shape, data }]) => [name, { dtype: "float32", dims: shape, data }] as const,
  );
  const graph = builder.build();
  return { ...graph, initializers: new Map([...graph.initializers, ...changed]) };
}

function parametersAsInputs(graph: Graph, names: readonly string[]): Graph {
  const inputs = names.map((name) => {
    return { name, dtype: "float32", shape: graph.initializers.get(name)?.dims ?? null } as const;
  });
  const constants = [...graph.initializers].filter(([name]) => !names.includes(name));
  return { ...graph, inputs: [...graph.inputs, ...inputs], initializers: new Map(constants) };
}
