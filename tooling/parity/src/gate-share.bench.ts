import { bits, type CostTable, type GateView, legalPaths, type Path, type PathSpace, pathKey } from "@quee/core";
import { createGates, type GateArchitecture, initialNetwork } from "@quee/gate-predictors";
import { cleanGraph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { queePolicy } from "@quee/router";
import { randomStream, softmaxRows } from "@quee/tensor";
import { compareVariants, oneSample } from "@quee/tooling-testing";
import { buildT2tVit } from "@quee/vit-architectures";
import { bench, describe } from "vitest";

const classCount = 10;
const sizes = [
  { words: "15 paths (4 levels, 3 exits)", exits: 3 },
  { words: "1,365 paths (4 levels, 12 exits)", exits: 12 },
];

/** An exit stands behind a layer of its own. */
const layersFor = (exits: number) => Math.max(7, exits);

/** T2T-ViT at 64×64, as in the paper's CIFAR-10 at 7 layers; how long it takes does not depend on its weights. */
function network(depth: number): ReturnType<typeof cleanGraph> {
  return cleanGraph(
    buildT2tVit({
      ...{ imageSize: 64, width: 256, depth, heads: 4, mlpRatio: 2, classCount, tokenWidth: 64, seed: 1 },
    }),
  );
}

/** The decision behind the first block, which has most to choose from: every legal path. */
function decisionOf(exits: number, count: number): () => void {
  const space: PathSpace = {
    levels: [8, 7, 6, 5].map(bits),
    exitCount: exits,
    order: "monotone",
    firstBlock: "highest",
  };
  const architecture: GateArchitecture = { reading: "A", embedding: 8, hidden: 16, classCount, exitCount: exits };
  const gates = createGates(architecture, space, new Map([[2, initialNetwork(architecture, randomStream(1, "gate"))]]));
  const costOf = (path: Path) => path.reduce((sum, level) => sum + level, 0) / (8 * exits);
  const byPath = new Map(legalPaths(space).map((path) => [pathKey(path), costOf(path)]));
  const costs: CostTable = { name: "bits", unit: "BitOPs", unitCost: 1, byPath };
  const policy = queePolicy({ predict: gates.predict, costs, lambda: 0.3, space });
  const random = randomStream(count, "view");
  const logits = Float32Array.from({ length: count * classCount }, () => 3 * random.normal());
  const history = [softmaxRows({ shape: [count, classCount], data: logits }).data];
  const view: GateView = { prefix: [bits(8)], count, classCount, history };
  return () => {
    policy.decide(view);
  };
}

async function compare(exits: number, words: string, batch: number): Promise<void> {
  const session = await openSession(network(layersFor(exits)));
  const random = randomStream(1, "images");
  const data = new Float32Array(batch * 3 * 64 * 64).map(() => random.normal());
  const [input = ""] = session.inputNames;
  const feeds = { [input]: { shape: [batch, 3, 64, 64], data } };
  await compareVariants(
    { part: "gate decisions", work: `T2T-ViT of ${layersFor(exits)} layers, ${words}, batch ${batch}` },
    { "forward pass": () => session.run(feeds), "a decision": decisionOf(exits, batch) },
  );
  await session.release();
}

describe.each(sizes)("a decision among $words against a forward pass of T2T-ViT, 1 thread", ({ exits, words }) => {
  for (const batch of [1, 32]) bench(`batch ${batch}`, async () => compare(exits, words, batch), oneSample);
});
