import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { type Random, randomStream, type Tensor, tensor } from "@quee/tensor";
import { adam, createTrainStep, fit, gatherRows, meanSquaredError } from "@quee/training";
import { expect, test } from "vitest";
import { parametersAsInputs } from "./parameters-as-inputs.js";
import { type TrainNetworksOptions, trainNetwork, trainNetworks } from "./train-network.js";

const random = randomStream(3, "samples");
const normals = (rows: number, width: number): Tensor =>
  tensor(
    [rows, width],
    Float32Array.from({ length: rows * width }, () => random.normal()),
  );
const [x, y] = [normals(130, 4), normals(130, 1)];
const held = { x: normals(40, 4), y: normals(40, 1), noise: tensor([40, 4], new Float32Array(160)) };

const validation = [{ count: 40, feeds: () => held }];

/** y is noise, so how soon a training learns too much depends on how large its steps are: `scale` is that of the slope. */
function regression(scale: number): Graph {
  const builder = new GraphBuilder(`regression × ${scale}`);
  const inputs = builder.plus(builder.input("x", ["batch", 4]), builder.input("noise", ["batch", 4]));
  const weight = builder.tensor("weight", [4, 1], new Float32Array(4));
  const predicted = builder.times(builder.matMul(inputs, weight), builder.scalar(scale));
  builder.output(meanSquaredError(builder, predicted, builder.input("y", ["batch", 1])), []);
  return builder.build();
}

/** Batches draw noise from the stream that deals them out, as dropout does. */
function optionsOf(graphs: readonly Graph[], stream: Random = randomStream(1, "batches")): TrainNetworksOptions {
  return {
    ...{ graphs, parameters: ["weight"], count: 130, validation, random: stream },
    ...{ batchSize: 30, maxEpochs: 12, patience: 2, learningRate: 0.02, weightDecay: 1e-3 },
    batch: (rows) => {
      const noise = Float32Array.from({ length: rows.length * 4 }, () => 0.3 * stream.normal());
      return { x: gatherRows(x, rows), y: gatherRows(y, rows), noise: tensor([rows.length, 4], noise) };
    },
  };
}

const graphs = [0.1, 1, 10].map(regression);

/** One after the other by `fit`, each with the stream to itself. */
async function plainly(graph: Graph) {
  const { validation: _, weightDecay, ...options } = optionsOf([graph]);
  const session = await openSession(parametersAsInputs(graph, ["weight"]));
  const step = await createTrainStep({ graph, parameters: ["weight"], optimizer: adam({ weightDecay }) });
  const { epochs } = await fit({
    ...options,
    step,
    validate: async (state) => (await session.run({ ...Object.fromEntries(state), ...held }, ["loss"])).loss.data[0],
  });
  const parameters = step.parameters();
  await step.release();
  await session.release();
  return { epochs: epochs.length, parameters };
}

test("trainings in step give what each gives alone, bit for bit, though they stop at different epochs", async () => {
  const alone = await Promise.all(graphs.map(plainly));
  expect(new Set(alone.map(({ epochs }) => epochs)).size).toBeGreaterThan(1);
  const stopped: number[] = [];
  const inStep = await trainNetworks({ ...optionsOf(graphs), onStop: (count) => stopped.push(count) });
  expect(inStep).toEqual(alone.map(({ parameters }) => parameters));
  expect(stopped).toEqual([1, 2, 3]);
});

test("one training is the same", async () => {
  const {
    graphs: [graph],
    ...options
  } = optionsOf(graphs.slice(1, 2));
  expect(await trainNetwork({ ...options, graph })).toEqual((await plainly(graphs[1])).parameters);
});

test("a training without a finite loss is named", async () => {
  const broken = { ...held, y: tensor([40, 1], new Float32Array(40).fill(Number.NaN)) };
  const pieces = [{ count: 40, feeds: () => broken }];
  await expect(trainNetworks({ ...optionsOf(graphs), validation: pieces })).rejects.toThrow(/regression × 0\.1/);
});
