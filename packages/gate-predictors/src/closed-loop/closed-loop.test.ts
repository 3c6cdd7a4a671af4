import { test } from "@fast-check/vitest";
import { bits, type CostTable, costOf, legalPaths, type Path, type PathSpace, type Policy, pathKey } from "@quee/core";
import { createPathTable, type PathTable, replay } from "@quee/path-tables";
import { randomStream } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { describe, expect } from "vitest";
import type { GateArchitecture } from "../architecture.js";
import { prepareGateData } from "../gate-data.js";
import type { Prediction } from "../gates.js";
import { drawNetwork, type GateNetwork } from "../network.js";
import { gatePairs } from "../pairs.js";
import { bitCosts, randomTable, randomView, space } from "../views.test.fixture.js";
import { type ClosedLoop, closedLoopWidths, createClosedLoop } from "./closed-loop.js";
import { closedLoopToJson, parseClosedLoop } from "./json.js";
import { lossesToGo } from "./loss-to-go.js";
import { trainClosedLoop } from "./train-closed-loop.js";

/** Equation 18, plainly; candidates of equal loss: the cheaper. */
function greedy(
  predict: (view: Parameters<Policy["decide"]>[0]) => Prediction,
  costs: CostTable,
  lambda: number,
): Policy {
  return {
    name: "greedy",
    decide(view) {
      const { candidates, predictedError } = predict(view);
      return Array.from({ length: view.count }, (_, i) => {
        const losses = candidates.map((path, a) => ({
          path,
          cost: costOf(costs, path),
          loss: lambda * costOf(costs, path) + predictedError[i * candidates.length + a],
        }));
        const { path } = losses.reduce((best, one) =>
          one.loss < best.loss || (one.loss === best.loss && one.cost < best.cost) ? one : best,
        );
        return path.length === view.prefix.length
          ? { kind: "exit" as const }
          : { kind: "continue" as const, bits: path[view.prefix.length] };
      });
    },
  };
}

/** 1[wrong] + λ·cost of every sample. */
function losses(table: PathTable, policy: Policy, of: PathSpace, costs: CostTable, lambda: number): Float64Array {
  const { pathIndex, correct } = replay(policy, table, {
    space: of,
    firstAction: { kind: "continue", bits: bits(8) },
  });
  return Float64Array.from(pathIndex, (p, i) => 1 - correct[i] + lambda * costOf(costs, table.paths[p]));
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Three exits, two classes. Exit 1 guesses: half is wrong, and nothing tells which. Of half the samples exit 2 is right and
 * sure and exit 3 is wrong; of the others exit 2 is wrong and unsure and exit 3 is right. Every whole path errs half the time,
 * so who compares whole paths leaves at the first exit; who knows that exit 2 will tell goes on and never errs.
 */
describe("where the second exit tells what to do next", () => {
  const one: PathSpace = { levels: [bits(8)], exitCount: 3, order: "monotone", firstBlock: "highest" };
  const paths = legalPaths(one);
  const costs: CostTable = {
    name: "made up",
    unit: "BitOPs",
    unitCost: 1,
    byPath: new Map(paths.map((path, p) => [pathKey(path), [0.2, 0.5, 1][p]])),
  };
  const tableOf = <Role extends "train" | "validation" | "test">(role: Role, count: number): PathTable<Role> => {
    const right = (i: number) => [i % 4 < 2, i % 2 === 0, i % 2 === 1];
    const sureness = (i: number) => [0.5001, i % 2 === 0 ? 0.95 : 0.6, 0.9];
    const labels = Int32Array.from({ length: count }, (_, i) => (i >> 2) % 2);
    return createPathTable({
      role,
      classCount: 2,
      labels,
      paths,
      probabilities: paths.map((_, exit) =>
        Float32Array.from({ length: 2 * count }, (_, at) => {
          const i = at >> 1;
          // What exit 1 says must not give away whether it is right.
          const answer = exit === 0 ? 0 : right(i)[exit] ? labels[i] : 1 - labels[i];
          return answer === at % 2 ? sureness(i)[exit] : 1 - sureness(i)[exit];
        }),
      ),
    });
  };
  const test400 = tableOf("test", 400);
  const trained = trainClosedLoop({
    train: tableOf("train", 1600),
    validation: tableOf("validation", 400),
    space: one,
    costs,
    batchSize: 100,
    maxEpochs: 30,
    patience: 5,
    learningRate: 1e-2,
    seed: 1,
  });

  test.each([0.01, 0.1, 0.5, 0.8, 1, 5])("at λ = %d the one model for all λ loses what is least", async (lambda) => {
    const { predictorFor } = await trained;
    const closed = losses(test400, greedy(predictorFor(lambda), costs, lambda), one, costs, lambda);
    // Leave at once, or look at exit 2: half leaves there, half goes on.
    const least = Math.min(0.5 + 0.2 * lambda, 0.75 * lambda);
    expect(mean(closed)).toBeCloseTo(least, 6);
  });

  test.each([0.01, 0.1, 0.5, 0.8])(
    "at λ = %d to compare whole paths loses more, however well their errors are known",
    async (lambda) => {
      const truth = (view: { prefix: Path; count: number; history: readonly Float32Array[] }): Prediction => {
        const candidates = paths.filter((path) => path.length >= view.prefix.length);
        // What can be known: a half each at exit 1; who is who at exit 2.
        const known = (exit: number, i: number) => {
          if (view.prefix.length === 1) return 0.5;
          const isSure = Math.max(...view.history[1].subarray(2 * i, 2 * i + 2)) > 0.9;
          return [0.5, isSure ? 0 : 1, isSure ? 1 : 0][exit];
        };
        return {
          candidates,
          predictedError: Float32Array.from({ length: view.count * candidates.length }, (_, at) =>
            known(candidates[at % candidates.length].length - 1, Math.floor(at / candidates.length)),
          ),
        };
      };
      const open = losses(test400, greedy(truth, costs, lambda), one, costs, lambda);
      expect(mean(open)).toBeCloseTo(0.5 + 0.2 * lambda, 6);
      const { predictorFor } = await trained;
      const closed = losses(test400, greedy(predictorFor(lambda), costs, lambda), one, costs, lambda);
      expect(mean(closed)).toBeLessThan(mean(open) - 0.05);
    },
  );

  test("beyond the λ that were trained the nearest answers", async () => {
    const { predictorFor } = await trained;
    const view = { prefix: [bits(8)], count: 1, classCount: 2, history: [Float32Array.of(0.5, 0.5)] };
    expect(predictorFor(0)(view)).toEqual(predictorFor(1e-3)(view));
    expect(predictorFor(Number.POSITIVE_INFINITY)(view)).toEqual(predictorFor(10)(view));
  });
});

const architecture: GateArchitecture = {
  reading: "A",
  embedding: 8,
  hidden: 16,
  classCount: 4,
  exitCount: 3,
  extraFeatures: [],
};
const costs = bitCosts(space);

function randomLoop(seed: number): ClosedLoop {
  const networks = new Map<number, GateNetwork>();
  for (const gate of [2, 3]) {
    networks.set(gate, drawNetwork(closedLoopWidths(architecture), randomStream(seed, `gate ${gate}`)));
  }
  return createClosedLoop({ architecture, space, costs, range: { lowest: 0.01, highest: 4 }, networks });
}

test("losses to go are what a replay of the same gates loses, at every λ", () => {
  const validation = randomTable("validation", 60, 4, 5);
  const table: PathTable<"validation"> = { ...validation, paths: legalPaths(space) };
  const lambdas = [0.01, 0.2, 0.9, 4];
  for (const seed of [1, 2, 3]) {
    const loop = randomLoop(seed);
    const data = prepareGateData({ train: validation, validation, space });
    const behind = lossesToGo(data.train, lambdas, loop);
    for (const { gate, prefixes } of gatePairs(space).toReversed()) {
      behind.decide(loop.networks.get(gate) as GateNetwork, prefixes);
    }
    const first = [bits(8)];
    lambdas.forEach((lambda, l) => {
      const replayed = losses(table, greedy(loop.predictorFor(lambda), costs, lambda), space, costs, lambda);
      const realised = behind.behind(first).filter((_, at) => at % lambdas.length === l);
      expectAllclose(
        Float32Array.from(replayed, (loss) => loss - lambda * costOf(costs, first)),
        realised,
        { atol: 1e-6 },
      );
    });
  }
});

test("steps are to exit and to run the next block; a loss lies between nothing and a mistake with the dearest way on", () => {
  const { candidates, predictedError } = randomLoop(4).predictorFor(2)(randomView([bits(8)], 50, 4, 1));
  expect(candidates.map(pathKey)).toEqual(["8", "8-8", "8-6", "8-5"]);
  // Behind 8-8 the dearest way on is 8 bits more, of 24.
  const bounds = [1, 8, 6, 5].map((further, a) => (a === 0 ? 1 : 1 + (2 * further) / 24));
  for (const [at, loss] of predictedError.entries()) {
    expect(loss).toBeGreaterThan(0);
    expect(loss).toBeLessThan(bounds[at % 4]);
  }
  expect(() => randomLoop(4).predictorFor(2)(randomView([bits(8), bits(8), bits(8)], 1, 4, 1))).toThrow(/got 8-8-8/);
});

test("a decision costs the image part once and the rest once per step", () => {
  expect(randomLoop(1).macs([bits(8)])).toBe(8 * 12 + 4 * 144);
});

test("closed-loop gates survive JSON text, bit for bit", () => {
  const loop = randomLoop(7);
  const json = JSON.parse(JSON.stringify(closedLoopToJson(loop)));
  const again = parseClosedLoop(json);
  expect(again.networks).toEqual(loop.networks);
  expect(closedLoopToJson(again)).toEqual(closedLoopToJson(loop));
  const view = randomView([bits(8), bits(6)], 4, 4, 3);
  expect(again.predictorFor(0.3)(view)).toEqual(loop.predictorFor(0.3)(view));
  json.costs.byPath.pop();
  expect(() => parseClosedLoop(json, { file: "loop.json" })).toThrow(
    /^loop\.json: costs\.byPath: expected a cost of 8-5-5/,
  );
  expect(() => parseClosedLoop({ ...json, version: 2 })).toThrow(/^version: /);
});

test("the same seed gives the same bytes", async () => {
  const options = {
    train: randomTable("train", 100, 4, 1),
    validation: randomTable("validation", 50, 4, 2),
    ...{ space, costs, lambdas: [0.1, 1], maxEpochs: 1, seed: 3 },
  };
  const text = async () => JSON.stringify(closedLoopToJson(await trainClosedLoop(options)));
  expect(await text()).toBe(await text());
  await expect(trainClosedLoop({ ...options, lambdas: [0, 1] })).rejects.toMatchObject({ where: "lambdas" });
});
