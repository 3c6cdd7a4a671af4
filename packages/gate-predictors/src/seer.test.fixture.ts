import { legalPaths, type Path, pathKey, startsWith } from "@quee/core";
import { randomStream } from "@quee/tensor";
import { createGates, type Gates } from "./gates.js";
import { initialNetwork } from "./network.js";
import { randomTable, space } from "./views.test.fixture.js";
import { wrongness } from "./wrongness.js";

export const testTable = randomTable("test", 120, 4, 8);

/** Knows the future of `testTable`: what it predicts is a function of the outcome of each candidate. */
export function seer(predict: (outcome: number, candidate: Path) => number): Gates {
  const architecture = { reading: "A", embedding: 8, hidden: 16, classCount: 4, exitCount: 3 } as const;
  const network = initialNetwork(architecture, randomStream(0, ""));
  const gates = createGates(architecture, space, new Map([2, 3].map((gate) => [gate, network])));
  let first = 0;
  return {
    ...gates,
    predict({ prefix, count }) {
      const candidates = legalPaths(space).filter((path) => startsWith(path, prefix));
      const outcomes = candidates.map((path) => wrongness(path, testTable));
      const predictedError = new Float32Array(count * candidates.length);
      for (let i = 0; i < count; i++) {
        outcomes.forEach((outcome, a) => {
          const happened = outcome[(first + i) % testTable.count];
          predictedError[i * candidates.length + a] = predict(happened, candidates[a]);
        });
      }
      // Prefixes of one gate are asked one after the other for the same samples.
      if (pathKey(prefix) === "8" || pathKey(prefix) === "8-5") first = (first + count) % testTable.count;
      return { candidates, predictedError };
    },
  };
}
