import { bits, legalPaths, type PathSpace } from "@quee/core";
import { openPool } from "@quee/onnx-session";
import { collectPathTable } from "@quee/path-runtime";
import { calibrateBlocks, fakeQuantizeGraph, minMaxEncodings } from "@quee/ptq4vit-quantizer";
import type { Tensor } from "@quee/tensor";
import { compareVariants, expectAllclose, oneSample } from "@quee/tooling-testing";
import { bench, describe } from "vitest";
import { backbone } from "./backbone.bench.helper.js";
import { blocksOf } from "./integer-cases.js";

const count = 32;
const levels = [8, 7, 6, 5].map(bits);

async function compare(space: PathSpace): Promise<void> {
  const paths = legalPaths(space);
  const batches = await backbone.batches(count);
  const floats = blocksOf(backbone.graph(), backbone.exits);
  const ranges = await calibrateBlocks({ blocks: floats, batches });
  const pool = await openPool({ workers: 1 });
  const model = (block: number, level: number) => `${block}@${level}`;
  for (const [j, { graph, sites }] of floats.entries()) {
    for (const level of levels) {
      const encodings = minMaxEncodings(graph, sites, ranges[j] ?? new Map(), level);
      pool.register(model(j + 1, level), fakeQuantizeGraph(graph, encodings));
    }
  }
  const collect = (asked: typeof paths) =>
    collectPathTable({
      pool,
      blocks: { exitCount: floats.length, classCount: 10, model },
      images: { count, batch: () => batches[0] as Tensor },
      role: "train",
      labels: new Int32Array(count),
      paths: asked,
    });
  const table = await collect(paths);
  for (const path of paths) {
    expectAllclose(table.probabilities(path), (await collect([path])).probabilities(path), { rtol: 0, atol: 1e-6 });
  }
  await compareVariants(
    { part: "path collection", work: `${paths.length} paths of ${backbone.name}, ${count} images`, rounds: 5 },
    {
      "every path from the pixels": async () => {
        for (const path of paths) await collect([path]);
      },
      "every prefix once": () => collect(paths),
    },
  );
  await pool.close();
}

describe("probabilities of every path, one worker", () => {
  for (const firstBlock of ["highest", "any"] as const) {
    const space = { levels, exitCount: backbone.exits.length, order: "monotone", firstBlock } as const;
    bench(`first block: ${firstBlock}`, async () => compare(space), oneSample);
  }
});
