import { readFileSync } from "node:fs";
import { bits, costOf, uniformPaths } from "@quee/core";
import { breakdownOf, networkMacs, pathCostTable } from "@quee/cost-model";
import { decodeModel } from "@quee/onnx-codec";
import { cleanGraph, type Graph } from "@quee/onnx-graph";
import { developmentFiles } from "@quee/tooling-testing";
import { buildT2tVit, buildVit } from "@quee/vit-architectures";
import { analyzeVit } from "@quee/vit-blocks";
import { expect, test } from "vitest";

const modelFile = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10", "model.onnx");

const t2t7 = { width: 256, depth: 7, heads: 4, mlpRatio: 2, classCount: 10, seed: 1 };
const t2t14 = { width: 384, depth: 14, heads: 6, mlpRatio: 3, classCount: 1000, seed: 1 };
const vitS14 = {
  imageSize: 224,
  patchSize: 14,
  width: 384,
  depth: 12,
  heads: 6,
  mlpRatio: 4,
  classCount: 1000,
  seed: 1,
};

const millions = (macs: number, digits: number) => (macs / 1e6).toFixed(digits);

/** Cost of leaving at each exit at 8 bits, gates free, without and with the stem. */
function exitFractions(graph: Graph, exits: readonly number[]) {
  const macs = networkMacs(graph, analyzeVit(graph), exits);
  const levels = [bits(8)];
  const paths = uniformPaths(bits(8), exits.length);
  const fractions = (model: "blocks-only" | "with-stem") => {
    const table = pathCostTable({ macs, gateMacs: exits.slice(1).map(() => 0), paths, levels, model });
    return paths.map((path) => Number(costOf(table, path).toFixed(3)));
  };
  return { blocksOnly: fractions("blocks-only"), withStem: fractions("with-stem") };
}

/** The table of true MACs that the costs of this library are checked against: stem, one layer and total in millions. */
test.each([
  ["T2T-ViT-7 at 32×32", buildT2tVit({ ...t2t7, imageSize: 32 }), [2, 4, 7], "5.81", "2.63", "24.2", [0.457, 0.674, 1]],
  [
    "T2T-ViT-7 at 64×64",
    buildT2tVit({ ...t2t7, imageSize: 64 }),
    [2, 4, 7],
    "23.23",
    "9.06",
    "86.7",
    [0.477, 0.686, 1],
  ],
  [
    "T2T-ViT-14 at 224×224",
    buildT2tVit({ ...t2t14, imageSize: 224 }),
    [5, 7, 11, 14],
    "299",
    "320",
    "4783",
    [0.397, 0.531, 0.799, 1],
  ],
  ["ViT-S/14 at 224×224", buildVit(vitS14), [4, 6, 8, 10, 12], "57.8", "505", "6124", [0.34, 0.505, 0.67, 0.835, 1]],
] as const)("%s costs what was derived by hand", (_, graph, exits, stem, layer, total, withStem) => {
  const macs = breakdownOf(graph, analyzeVit(graph));
  const digits = (text: string) => text.split(".")[1]?.length ?? 0;
  expect(millions(macs.stem, digits(stem))).toBe(stem);
  expect(millions(macs.layers[0] as number, digits(layer))).toBe(layer);
  expect(new Set(macs.layers).size).toBe(1);
  expect(millions(macs.total, digits(total))).toBe(total);
  const fractions = exitFractions(graph, exits).withStem;
  for (const [j, fraction] of fractions.entries())
    expect(Math.abs(fraction - (withStem[j] as number))).toBeLessThanOrEqual(0.001);
});

test("T2T-ViT-7 at 224×224 costs its published 1.1 G", () => {
  const graph = buildT2tVit({ ...t2t7, imageSize: 224, classCount: 1000 });
  expect((breakdownOf(graph, analyzeVit(graph)).total / 1e9).toFixed(1)).toBe("1.1");
});

test("without the stem an exit costs its share of the layers", () => {
  expect(exitFractions(buildT2tVit({ ...t2t7, imageSize: 64 }), [2, 4, 7]).blocksOnly).toEqual([0.286, 0.571, 1]);
});

test.skipIf(modelFile === null)("the exported T2T-ViT-7 costs what ours costs, part by part", () => {
  const theirs = cleanGraph(decodeModel(readFileSync(modelFile as string), { file: "model.onnx" }));
  const ours = buildT2tVit({ ...t2t7, imageSize: 64 });
  const costs = breakdownOf(theirs, analyzeVit(theirs));
  expect(costs).toEqual(breakdownOf(ours, analyzeVit(ours)));
  expect(costs).toMatchObject({ stem: 23_226_368, stemFloat: 2_631_680, head: 2560, total: 86_654_976 });
  expect(exitFractions(theirs, [2, 4, 7])).toEqual({ blocksOnly: [0.286, 0.571, 1], withStem: [0.477, 0.686, 1] });
});
