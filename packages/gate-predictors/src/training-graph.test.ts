import { test } from "@fast-check/vitest";
import { legalPaths, pathKey } from "@quee/core";
import { randomStream } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { adam, createTrainStep } from "@quee/training";
import { describe, expect } from "vitest";
import { encodingOf } from "./encode-path.js";
import { gateBatch } from "./gate-batch.js";
import { createGates } from "./gates.js";
import { initialNetwork, parametersOf } from "./network.js";
import { gatePairs, type PathTargets } from "./pairs.js";
import { meanSquaredErrorOf, predictTable } from "./predictions-on-table.js";
import { trainingGraph } from "./training-graph.js";
import { randomTable, space } from "./views.test.fixture.js";

const table = randomTable("train", 9, 4, 1);
const rows = Int32Array.from({ length: table.count }, (_, i) => i);
const drawn = new Map(
  legalPaths(space).map((path) => {
    const random = randomStream(0, `targets ${pathKey(path)}`);
    return [pathKey(path), Float32Array.from(rows, () => random.uniform())];
  }),
);
const targetsOf: PathTargets = (path) => drawn.get(pathKey(path)) ?? new Float32Array(0);

describe.each(["A", "B", "C"] as const)("the training graph of reading %s", (reading) => {
  test.each(gatePairs(space))(
    "run by onnxruntime predicts what gate $gate predicts, and its loss is their error",
    async (pairs) => {
      const architecture = { reading, embedding: reading === "B" ? null : 8, hidden: 16, classCount: 4, exitCount: 3 };
      const network = initialNetwork(architecture, randomStream(7, reading));
      const gates = createGates(architecture, space, new Map([[pairs.gate, network]]));
      const step = await createTrainStep({
        graph: trainingGraph(network, pairs, encodingOf(space)),
        parameters: [...parametersOf(network).keys()],
        optimizer: adam(),
      });
      const { loss, outputs } = await step.step(gateBatch(table, targetsOf, pairs, rows), 0);
      await step.release();

      const ours: number[][] = Array.from(rows, () => []);
      // Prefix by prefix with its candidates: the order of the pairs.
      predictTable(gates, table, pairs.prefixes, {
        batchSize: 100,
        onPrediction: (predicted, _, row) => ours[row].push(predicted),
      });
      expect(outputs.predicted.shape).toEqual([table.count, pairs.pairs.length]);
      expectAllclose(outputs.predicted.data as Float32Array, ours.flat(), { rtol: 1e-5 });
      const error = meanSquaredErrorOf(gates, table, pairs.prefixes, { targetsOf, batchSize: 4 });
      expect(loss).toBeCloseTo(error, 6);
    },
  );
});
