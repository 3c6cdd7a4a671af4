import type { Tensor, TensorData } from "@quee/tensor";
import { kmeansGenerator } from "ml-kmeans";
import { type LloydRunner, MAX_ITERATIONS, MOVE_TOLERANCE } from "./lloyd-runner.js";
import { nearestCentroids } from "./nearest-centroids.js";
import { nextTurn } from "./next-turn.js";

/** ml-kmeans, in this thread. */
export const libraryLloyd: LloydRunner = {
  concurrency: 1,
  load(points) {
    const rows = rowsOf(points);
    return {
      async converge(centres, signal) {
        const iterations = kmeansGenerator(rows, centres.shape[0], {
          initialization: rowsOf(centres),
          maxIterations: MAX_ITERATIONS,
          tolerance: MOVE_TOLERANCE,
        });
        let centroids: number[][] = [];
        for (const iteration of iterations) {
          centroids = iteration.centroids;
          await nextTurn();
          signal?.throwIfAborted();
        }
        return { shape: centres.shape, data: Float64Array.from(centroids.flat()) };
      },
      nearest: async (centroids) => nearestCentroids(centroids, points),
      release() {},
    };
  },
};

function rowsOf({ shape: [rows, width], data }: Tensor<TensorData & (Float32Array | Float64Array)>): number[][] {
  return Array.from({ length: rows }, (_, r) => Array.from(data.subarray(r * width, (r + 1) * width)));
}
