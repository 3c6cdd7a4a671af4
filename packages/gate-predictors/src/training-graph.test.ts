import { test } from "@fast-check/vitest";
import { legalPaths, pathKey } from "@quee/core";
import { randomStream } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { adam, createTrainStep } from "@quee/training";
import { describe, expect } from "vitest";
import { encodingOf } from "./encode-path.js";
import { stackedFeatures } from "./feature-source.js";
import { prepareGateData } from "./gate-data.js";
import { createGates } from "./gates.js";
import { initialNetwork, parametersOf } from "./network.js";
import { gatePairs, trainingPairs } from "./pairs.js";
import { predictTable } from "./predictions-on-table.js";
import type { TableTargets } from "./remembered.js";
import { stackedTargets, validationLoss } from "./train-gates.js";
import { trainingGraph } from "./training-graph.js";
import { randomTable, space } from "./views.test.fixture.js";

const table = randomTable("validation", 9, 4, 1);
const rows = Int32Array.from({ length: table.count }, (_, i) => i);
const drawn = new Map(
  legalPaths(space).map((path) => {
    const random = randomStream(0, `targets ${pathKey(path)}`);
    return [pathKey(path), Float32Array.from(rows, () => random.uniform())];
  }),
);
const targets: TableTargets = (path) => drawn.get(pathKey(path)) ?? new Float32Array(0);

const data = prepareGateData({ train: table, validation: table, space });

describe.each([
  ["A", "mse"],
  ["B", "mse"],
  ["C", "mse"],
  ["A", "bce"],
] as const)("the training graph of reading %s and loss %s", (reading, loss) => {
  test.each(gatePairs(space))(
    "run by onnxruntime predicts what gate $gate predicts, and its loss is their error",
    async (pairs) => {
      const architecture = { reading, embedding: reading === "B" ? null : 8, hidden: 16, classCount: 4, exitCount: 3 };
      const network = initialNetwork(architecture, randomStream(7, reading));
      const gates = createGates(architecture, space, new Map([[pairs.gate, network]]));
      const step = await createTrainStep({
        graph: trainingGraph(network, trainingPairs(pairs, encodingOf(space)), { loss }),
        parameters: [...parametersOf(network).keys()],
        optimizer: adam(),
      });
      const batch = {
        features: stackedFeatures(data.train.features, pairs.prefixes, rows),
        targets: stackedTargets(data.train.targetsOf(targets), pairs, rows),
      };
      const { loss: trained, outputs } = await step.step(batch, 0);
      await step.release();

      const ours: number[][] = Array.from(rows, () => []);
      // Prefix by prefix with its candidates: the order of the pairs.
      predictTable(gates, table, pairs.prefixes, {
        batchSize: 100,
        onPrediction: (predicted, _, row) => ours[row].push(predicted),
      });
      expect(outputs.predicted.shape).toEqual([table.count, pairs.pairs.length]);
      expectAllclose(outputs.predicted.data as Float32Array, ours.flat(), { rtol: 1e-5 });
      expect(trained).toBeCloseTo(validationLoss(data, pairs, network, { targets, loss }), 6);
    },
  );
});
