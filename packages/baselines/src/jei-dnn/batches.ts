import { type Tensor, tensor } from "@quee/tensor";
import { gatherRows } from "@quee/training";
import { gateStatistics, statisticCount } from "../gate-statistics.js";
import type { JeiDnnSamples } from "./exits-of-samples.js";
import { gateValues, type JeiDnnGates } from "./network.js";

/** Some of the samples, in the order given. */
export function takeSamples({ labels, classCount, features, last }: JeiDnnSamples, rows: Int32Array): JeiDnnSamples {
  return {
    labels: Int32Array.from(rows, (row) => labels[row]),
    classCount,
    features: features.map((of) => gatherRows(of, rows)),
    last: gatherRows(last, rows),
  };
}

/** What the gates see of the exits with trained heads. @param probabilities by exit, [n, K] @returns [n, G, 4] */
export function statisticsOf(probabilities: readonly Tensor[], rows: number): Tensor {
  const gateCount = probabilities.length;
  const data = new Float32Array(rows * gateCount * statisticCount);
  for (const [l, own] of probabilities.map(gateStatistics).entries()) {
    for (let i = 0; i < rows; i++) {
      const row = own.data.subarray(i * statisticCount, (i + 1) * statisticCount);
      data.set(row, (i * gateCount + l) * statisticCount);
    }
  }
  return tensor([rows, gateCount, statisticCount], data);
}

/** What the gates say. @param probabilities by exit, [n, K] @returns g, [n, G] */
export function gatesOf(gates: JeiDnnGates, probabilities: readonly Tensor[], gateCount: number): Float64Array {
  const byGate = Array.from({ length: gateCount }, (_, l) => gateValues(gates, l, probabilities[l]));
  const rows = probabilities[0].shape[0];
  return Float64Array.from({ length: rows * gateCount }, (_, at) => byGate[at % gateCount][Math.floor(at / gateCount)]);
}
