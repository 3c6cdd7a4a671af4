import { bits, type CostTable, type GateView, legalPaths, type Path, type PathSpace, pathKey } from "@quee/core";
import { createGates, type GateArchitecture, initialNetwork } from "@quee/gate-predictors";
import { cleanGraph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { queePolicy } from "@quee/router";
import { randomStream, softmaxRows } from "@quee/tensor";
import { buildT2tVit } from "@quee/vit-architectures";
import { bench, describe } from "vitest";

const rounds = 31;
/** Of one round: a decision takes microseconds, and clocks of processor time tick in them. */
const decisionsPerRound = 50;
const classCount = 10;
const sizes = [
  { words: "15 paths (4 levels, 3 exits)", exits: 3 },
  { words: "1,365 paths (4 levels, 12 exits)", exits: 12 },
];

/** An exit stands behind a layer of its own. */
const layersFor = (exits: number) => Math.max(7, exits);

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

/** Milliseconds of processor time: what other processes do at the same time counts little. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

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

/** Forward passes and decisions in turn, so that a busy moment of the machine hits both. */
async function compare(exits: number, words: string, batch: number): Promise<void> {
  const session = await openSession(network(layersFor(exits)));
  const random = randomStream(1, "images");
  const data = new Float32Array(batch * 3 * 64 * 64).map(() => random.normal());
  const [input = ""] = session.inputNames;
  const feeds = { [input]: { shape: [batch, 3, 64, 64], data } };
  const decide = decisionOf(exits, batch);
  const forward: number[] = [];
  const decision: number[] = [];
  for (let round = -3; round < rounds; round++) {
    const start = cpuMs();
    await session.run(feeds);
    const between = cpuMs();
    for (let i = 0; i < decisionsPerRound; i++) decide();
    const end = cpuMs();
    if (round < 0) continue;
    forward.push(between - start);
    decision.push((end - between) / decisionsPerRound);
  }
  await session.release();
  const [whole, gate] = [median(forward), median(decision)];
  const share = ((100 * gate) / whole).toPrecision(2);
  const times = `${((1000 * gate) / batch).toFixed(1)} µs per image against ${(whole / batch).toFixed(2)} ms, median of ${rounds}`;
  console.log(`${words}, batch ${batch}: a decision is ${share} % of ${layersFor(exits)} layers (${times})`);
}

// A comparison is one sample: vitest's own loop would time passes and decisions apart, not in turn.
const once = { iterations: 1, warmupIterations: 0, time: 0, warmupTime: 0 };

describe.each(sizes)("a decision among $words against a forward pass of T2T-ViT, 1 thread", ({ exits, words }) => {
  for (const batch of [1, 32]) bench(`batch ${batch}`, () => compare(exits, words, batch), once);
});
