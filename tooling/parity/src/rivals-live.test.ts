import { allRivals, fitRival, type RivalInputs } from "@quee/baselines";
import { type Bits, bits, type Path, type PathSpace, pathKey, type SplitRole } from "@quee/core";
import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openPool, type SessionPool } from "@quee/onnx-session";
import { collectPathTable, compareDecisions, runLive } from "@quee/path-runtime";
import type { PathTable } from "@quee/path-tables";
import { randomStream, tensor } from "@quee/tensor";
import { afterAll, beforeAll, expect, test } from "vitest";

const [width, classCount, exitCount] = [8, 4, 3];
const space: PathSpace = { levels: [bits(8), bits(6)], exitCount, order: "monotone", firstBlock: "highest" };
const blocks = { exitCount, classCount, model: (block: number, level: Bits) => `block ${block} at ${level} bits` };

function numbers(name: string, length: number, scale: number): Float32Array {
  const random = randomStream(11, name);
  return Float32Array.from({ length }, () => scale * random.normal());
}

/** tanh(x·W) on [B, 1, 8] with the token as exit features; fewer bits have noise in their weights. */
function blockGraph(block: number, level: Bits): Graph {
  const graph = new GraphBuilder(blocks.model(block, level));
  const input =
    block === 1
      ? graph.reshape(graph.input("pixel_values", ["batch", 2, 2, 2]), [0, 1, width])
      : graph.input("hidden_states_in", ["batch", 1, width]);
  const clean = numbers(`weight ${block}`, width * width, 0.5);
  const noise = numbers(`noise ${block} ${level}`, width * width, level === 8 ? 0 : 0.15);
  const weight = clean.map((value, at) => value + noise[at]! + (at % (width + 1) === 0 ? 1 : 0));
  const hidden = graph.add(
    "Tanh",
    [graph.matMul(input, graph.tensor("weight", [width, width], weight))],
    {},
    "hidden_states",
  );
  const features = graph.reshape(hidden, [0, width], "exit_features");
  const head = graph.tensor("head", [width, classCount], numbers(`head ${block}`, width * classCount, 1.5));
  graph.output(graph.matMul(features, head, "logits"), ["batch", classCount]);
  graph.output(features, ["batch", width]);
  if (block < exitCount) graph.output(hidden, ["batch", 1, width]);
  return graph.build();
}

const images = (role: SplitRole, count: number) => {
  const pixels = numbers(`pixels ${role}`, count * width, 1);
  return {
    count,
    batch: (indices: Int32Array) => {
      const rows = Array.from(indices, (i) => [...pixels.subarray(i * width, (i + 1) * width)]);
      return tensor([indices.length, 2, 2, 2], Float32Array.from(rows.flat()));
    },
  };
};

/** What the last exit says at the most bits is right for most images: labels are its answers, some of them changed. */
function relabelled<Role extends SplitRole>(table: PathTable<Role>): PathTable<Role> {
  const probabilities = table.probabilities([8, 8, 8].map(bits));
  const labels = Int32Array.from({ length: table.count }, (_, i) => {
    const row = probabilities.subarray(i * classCount, (i + 1) * classCount);
    return i % 10 === 0 ? i % classCount : row.indexOf(Math.max(...row));
  });
  return { ...table, labels };
}

const rivals = allRivals({
  errorTargets: (_, table) => new Float32Array(table.count),
  jeiDnn: { lambdas: [0.1, 0.5], warmUpEpochs: 6, batchSize: 50, learningRate: 0.01, gateLearningRate: 0.05 },
  dqnetGate: { alphas: [0.05], maxEpochs: 6, batchSize: 50, learningRate: 0.01 },
});
let pool: SessionPool;
let inputs: RivalInputs;
let table: PathTable<"test">;

beforeAll(async () => {
  pool = await openPool({ workers: 2 });
  for (let block = 1; block <= exitCount; block++) {
    for (const level of space.levels) pool.register(blocks.model(block, level), blockGraph(block, level));
  }
  const needs = rivals.map((rival) => rival.needs(space));
  const distinct = (paths: readonly Path[]) => [...new Map(paths.map((path) => [pathKey(path), path])).values()];
  const paths = distinct(needs.flatMap((need) => [...need.paths, ...need.trainPaths]));
  const featurePaths = distinct(needs.flatMap((need) => need.featurePaths));
  const collect = async <Role extends SplitRole>(role: Role, count: number) => {
    const labels = new Int32Array(count);
    const options = { pool, blocks, images: images(role, count), role, labels, paths, featurePaths };
    return relabelled(await collectPathTable(options));
  };
  table = await collect("test", 150);
  inputs = {
    space,
    train: await collect("train", 600),
    validation: await collect("validation", 300),
    costs: ({ heads, gateMacs }) => ({
      name: "bits",
      unit: "BitOPs",
      unitCost: 24,
      byPath: new Map(
        paths.map((path) => {
          const passed = heads === "every-exit" ? path.length : 1;
          const gates = gateMacs.slice(0, path.length).reduce((sum, macs) => sum + macs / 1e5, 0);
          return [pathKey(path), path.reduce((sum, level) => sum + level, passed / 10) / 24 + gates];
        }),
      ),
    }),
    seed: 3,
  };
});

afterAll(() => pool.close());

test.each(rivals.filter(({ role }) => role !== "ceiling").map((rival) => [rival.name, rival] as const))(
  "%s runs live as it was replayed, path by path and answer by answer",
  async (_, rival) => {
    const { points } = await fitRival(rival, inputs);
    const chosen = points.filter(({ chosen }) => chosen);
    // A few from the whole curve.
    for (const at of [0, Math.floor(chosen.length / 2), chosen.length - 1]) {
      const { policy, replay } = chosen[at]!;
      if (policy === null) throw new Error("only ceilings have no policy");
      const replayed = replay(table);
      // One window: a lot that falls before block 1 goes by the place of an image in its view.
      const live = await runLive({
        ...{ pool, blocks, policy, batchSize: 32, windowSize: table.count, exitFeatures: true },
        images: images("test", table.count),
      });
      expect(compareDecisions(live, replayed, table)).toEqual([]);
      expect(live.prediction).toEqual(replayed.prediction);
    }
  },
  60_000,
);
