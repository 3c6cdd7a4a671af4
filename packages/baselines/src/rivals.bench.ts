import { bits, type Path, type PathSpace, pathKey, type SplitRole } from "@quee/core";
import { createPathTable, type PathTable } from "@quee/path-tables";
import { randomStream, softmaxRows, tensor } from "@quee/tensor";
import { bench, describe } from "vitest";
import { dqnetGateRival } from "./dqnet-gate/dqnet-gate-rival.js";
import { dqnetPaths } from "./dqnet-gate/dqnet-paths.js";
import { thresholdEnvelope } from "./exits/threshold-envelope.js";
import { thresholdRival } from "./exits/threshold-rival.js";
import { jeiDnnRival } from "./jei-dnn/jei-dnn-rival.js";
import { fitRival } from "./rival/fit-rival.js";
import { staticPaths } from "./rival/rival-paths.js";
import { bitCosts } from "./testing/bit-costs.js";

// CIFAR-10 of the paper: 20,000 of its training images, features of T2T-ViT-7.
const [trainCount, validationCount, classCount, width] = [20_000, 5_000, 10, 256];
const space: PathSpace = { levels: [8, 7, 6, 5].map(bits), exitCount: 3, order: "monotone", firstBlock: "highest" };
const paths = [...new Map([...staticPaths(space), ...dqnetPaths(space)].map((path) => [pathKey(path), path])).values()];

function table<Role extends SplitRole>(role: Role, count: number): PathTable<Role> {
  const random = randomStream(1, role);
  const labels = Int32Array.from({ length: count }, () => random.below(classCount));
  const logitsOf = (path: Path) =>
    Float32Array.from({ length: count * classCount }, (_, at) => {
      const own = at % classCount === labels[Math.floor(at / classCount)];
      return random.normal() + (own ? 2 * path.length : 0);
    });
  const probabilities = paths.map((path) => softmaxRows(tensor([count, classCount], logitsOf(path))).data);
  const features = Float32Array.from({ length: count * width }, () => random.normal());
  const parts = { role, classCount, labels, paths, probabilities };
  return { ...createPathTable(parts), exitFeatures: () => features };
}

describe("rivals at the size of CIFAR-10, with what fitting them takes", () => {
  const [train, validation] = [table("train", trainCount), table("validation", validationCount)];
  const inputs = { space, train, validation, costs: bitCosts(space, paths), seed: 1 };
  const rivals = {
    "thresholds on max p̂": thresholdRival("maxProbability"),
    "thresholds on every static path": thresholdEnvelope("static-paths"),
    "JEI-DNN, warm-up and one λ": jeiDnnRival({ lambdas: [0.3] }),
    "JEI-DNN, warm-up and all 13 λ": jeiDnnRival(),
    "JEI-DNN as published, warm-up and one λ": jeiDnnRival({ lambdas: [0.3], weighting: "published" }),
    "JEI-DNN as published, warm-up and all 13 λ": jeiDnnRival({ weighting: "published" }),
    "DQNet-gate, one training": dqnetGateRival({ alphas: [0] }),
    "DQNet-gate, four more in step": dqnetGateRival({ alphas: [0, 0.1] }),
  };
  for (const [name, rival] of Object.entries(rivals)) {
    bench(
      name,
      async () => {
        await fitRival(rival, inputs);
      },
      { iterations: 2, warmupIterations: 0, time: 0, warmupTime: 0 },
    );
  }
});
