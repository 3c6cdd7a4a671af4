import {
  type Action,
  type Bits,
  bits,
  type CostTable,
  legalPaths,
  nextLevels,
  type PathSpace,
  type Policy,
  pathKey,
  startsWith,
  uniformPaths,
} from "@quee/core";
import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openPool, type SessionPool } from "@quee/onnx-session";
import { collectPathTable, compareDecisions, runLive } from "@quee/path-runtime";
import { type PathTable, replay } from "@quee/path-tables";
import { type Predict, queePolicy, resampledCandidates } from "@quee/router";
import { randomStream, softmaxRows, type Tensor, tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const [tokens, width, classCount, exitCount, count] = [4, 8, 5, 3, 101];
const levels: readonly Bits[] = [bits(8), bits(6), bits(5)];
const space: PathSpace = { levels, exitCount, order: "monotone", firstBlock: "highest" };
const blocks = { exitCount, classCount, model: (block: number, level: Bits) => `block ${block} at ${level} bits` };
const paths = [...legalPaths(space), ...levels.flatMap((level) => uniformPaths(level, exitCount))];

/** tanh(x·W + b) on [B, 4, 8], and logits of the mean token; every block and level has numbers of its own. */
function blockGraph(block: number, level: Bits): Graph {
  const graph = new GraphBuilder(blocks.model(block, level));
  const normal = (name: string, shape: readonly number[], scale: number) =>
    graph.tensor(name, shape, numbers(`${name} ${block} ${level}`, shape, scale));
  const input =
    block === 1
      ? graph.reshape(graph.input("pixel_values", ["batch", 2, 4, 4]), [0, tokens, width])
      : graph.input("hidden_states_in", ["batch", tokens, width]);
  const product = graph.matMul(input, normal("weight", [width, width], 0.6));
  const hidden = graph.add("Tanh", [graph.plus(product, normal("bias", [width], 0.3))], {}, "hidden_states");
  const logits = graph.matMul(graph.reduceMean(hidden, [1], false), normal("head", [width, classCount], 3), "logits");
  graph.output(logits, ["batch", classCount]);
  if (block < exitCount) graph.output(hidden, ["batch", tokens, width]);
  return graph.build();
}

function numbers(name: string, shape: readonly number[], scale: number): Float32Array {
  const random = randomStream(11, name);
  return Float32Array.from({ length: shape.reduce((product, dim) => product * dim, 1) }, () => scale * random.normal());
}

const pixels = tensor([count, 2, 4, 4], numbers("pixels", [count, 2, 4, 4], 1));
const images = {
  count,
  batch: (indices: Int32Array) => {
    const rows = Array.from(indices, (i) => [...pixels.data.subarray(i * 32, (i + 1) * 32)]);
    return tensor([indices.length, 2, 4, 4], Float32Array.from(rows.flat()));
  },
};
const labels = Int32Array.from({ length: count }, (_, i) => i % classCount);

/** The whole of a path by hand, in float64. */
function plainProbabilities(image: number, path: readonly Bits[]): Float32Array {
  let hidden = Array.from(pixels.data.subarray(image * 32, (image + 1) * 32));
  let logits: number[] = [];
  for (const [j, level] of path.entries()) {
    const of = (name: string, ...shape: number[]) => numbers(`${name} ${j + 1} ${level}`, shape, 1);
    const [weight, bias, head] = [of("weight", width, width), of("bias", width), of("head", width, classCount)];
    hidden = hidden.map((_, at) => {
      const [token, column] = [Math.floor(at / width), at % width];
      let sum = 0.3 * bias[column]!;
      for (let d = 0; d < width; d++) sum += hidden[token * width + d]! * 0.6 * weight[d * width + column]!;
      return Math.tanh(sum);
    });
    logits = Array.from({ length: classCount }, (_, k) => {
      let sum = 0;
      for (let at = 0; at < hidden.length; at++)
        sum += (hidden[at]! / tokens) * 3 * head[(at % width) * classCount + k]!;
      return sum;
    });
  }
  return softmaxRows(tensor([1, classCount], Float32Array.from(logits))).data;
}

/** Looks like chance, but is a function of what an image shows. */
const scattering: Policy = {
  name: "scattering",
  decide: ({ prefix, count: n, history }) => {
    const choices = nextLevels(prefix, space);
    return Array.from({ length: n }, (_, i): Action => {
      if (prefix.length === 0) return { kind: "continue", bits: choices[0]! };
      let mixed = 0;
      for (const rows of history) for (let k = 0; k < classCount; k++) mixed += (k + 1) * rows[i * classCount + k]!;
      const choice = Math.floor(23 * mixed) % (choices.length + 1);
      return choice === 0 ? { kind: "exit" } : { kind: "continue", bits: choices[choice - 1]! };
    });
  },
};

const costs: CostTable = {
  name: "mean bits",
  unit: "BitOPs",
  unitCost: 24,
  byPath: new Map(paths.map((path) => [pathKey(path), path.reduce((sum, level) => sum + level, 0) / 24])),
};

/** Believes that every block halves the error of the exit, less so at fewer bits. */
const predict: Predict = ({ prefix, count: n, history }) => {
  const candidates = legalPaths(space).filter((path) => startsWith(path, prefix));
  const newest = history.at(-1) as Float32Array;
  const rows = Array.from({ length: n }, (_, i) => {
    const error = 1 - Math.max(...newest.subarray(i * classCount, (i + 1) * classCount));
    return candidates.map((path) => path.slice(prefix.length).reduce((left, level) => left * (1 - level / 16), error));
  });
  return { candidates, predictedError: Float32Array.from(rows.flat()) };
};

/** Images that went through each model, as the pool saw them. */
function countingRuns(inner: SessionPool, seen: Map<string, number>): Pick<SessionPool, "run" | "program" | "workers"> {
  const note = (model: string, n: number) => seen.set(model, (seen.get(model) ?? 0) + n);
  return {
    workers: inner.workers,
    run: (model, feeds, options) => {
      note(model, (Object.values(feeds)[0] as Tensor).shape[0]!);
      return inner.run(model, feeds, options);
    },
    program: (program, inputs, options) => {
      for (const { model } of program.steps) note(model, (Object.values(inputs)[0] as Tensor).shape[0]!);
      return inner.program(program, inputs, options);
    },
  };
}

let pool: SessionPool;
let table: PathTable<"test">;
const collected = new Map<string, number>();

beforeAll(async () => {
  pool = await openPool({ workers: 2 });
  for (let block = 1; block <= exitCount; block++) {
    for (const level of levels) pool.register(blocks.model(block, level), blockGraph(block, level));
  }
  table = await collectPathTable({ pool: countingRuns(pool, collected), blocks, images, paths, role: "test", labels });
});

afterAll(() => pool.close());

test("the table holds what every image gets on every path by hand", () => {
  for (const path of paths) {
    const values = table.probabilities(path);
    const expected = Array.from({ length: count }, (_, i) => [...plainProbabilities(i, path)]);
    expectAllclose(values, expected.flat(), { rtol: 1e-4, atol: 1e-5 });
  }
});

test("the walk runs each block, level and prefix once for each image", () => {
  // Behind b₁ = 8: 8, 6, 5, and behind those 8, 6, 5 | 6, 5 | 5. The uniform paths at 6 and 5 bits start at bits of their own.
  const runs = { 1: [1, 1, 1], 2: [1, 1 + 1, 1 + 1], 3: [1, 2 + 1, 3 + 1] };
  const expected = Object.entries(runs).flatMap(([block, perLevel]) =>
    perLevel.map((n, l) => [blocks.model(Number(block), levels[l]!), n * count] as const),
  );
  expect(new Map([...collected].toSorted())).toEqual(new Map(expected.toSorted()));
});

test("batches and workers do not change the table beyond the order of sums", async () => {
  const alone = await openPool({ workers: 1 });
  try {
    for (const level of levels) {
      for (let block = 1; block <= exitCount; block++)
        alone.register(blocks.model(block, level), blockGraph(block, level));
    }
    const options = { pool: alone, blocks, images, paths, role: "test", labels } as const;
    const [same, single] = [await collectPathTable(options), await collectPathTable({ ...options, batchSize: 1 })];
    for (const path of paths) {
      expect(same.probabilities(path)).toEqual(table.probabilities(path));
      expectAllclose(single.probabilities(path), table.probabilities(path), { rtol: 0, atol: 1e-5 });
    }
  } finally {
    await alone.close();
  }
});

const policies = [
  ["scattering", scattering],
  ...[0.1, 0.3, 0.6].map(
    (lambda) => [`router at λ = ${lambda}`, queePolicy({ predict, costs, lambda, space })] as const,
  ),
  [
    "router that may spend 0.9, abstains and draws its candidates",
    queePolicy({
      ...{ predict, costs, space, lambda: 0.1, maxCost: 0.9, abstainAbove: 0.1 },
      among: resampledCandidates({ count: 6, random: (gate) => randomStream(5, gate) }),
    }),
  ],
] as const;
const cases = policies.flatMap(([name, policy]) => [1, 7, 32].map((batchSize) => [name, batchSize, policy] as const));

test.each(cases)(
  "%s in batches of %d: live equals replay, and blocks run only for images that go there",
  async (_, batchSize, policy) => {
    const seen = new Map<string, number>();
    const live = await runLive({ pool: countingRuns(pool, seen), blocks, policy, images, batchSize, windowSize: 40 });
    const replayed = replay(policy, table, { space });

    expect(compareDecisions(live, replayed, table)).toEqual([]);
    expect(live.prediction).toEqual(replayed.prediction);
    const went = new Map<string, number>();
    for (const p of replayed.pathIndex) {
      for (const [j, level] of table.paths[p]!.entries()) {
        const model = blocks.model(j + 1, level);
        went.set(model, (went.get(model) ?? 0) + 1);
      }
    }
    expect(new Map([...seen].toSorted())).toEqual(new Map([...went].toSorted()));
    for (const [i, p] of live.pathIndex.entries()) {
      const row = table.probabilities(live.paths[p]!).subarray(i * classCount, (i + 1) * classCount);
      expectAllclose(live.probabilities.subarray(i * classCount, (i + 1) * classCount), row, { rtol: 0, atol: 1e-5 });
    }
  },
);

test("the policies of this test do send images different ways", () => {
  for (const [name, policy] of policies) {
    const exits = new Set(Array.from(replay(policy, table, { space }).pathIndex, (p) => table.paths[p]!.length));
    expect([name, exits.size]).not.toEqual([name, 1]);
  }
  expect(new Set(replay(scattering, table, { space }).pathIndex).size).toBe(legalPaths(space).length);
  const abstained = policies.map(([, policy]) => replay(policy, table, { space }).prediction.includes(-1));
  expect(abstained).toEqual([false, false, false, false, true]);
});
