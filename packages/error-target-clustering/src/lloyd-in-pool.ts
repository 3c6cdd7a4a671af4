import type { Program, SessionPool } from "@quee/onnx-session";
import { lloydGraph, lloydNames } from "./lloyd-graph.js";
import { type LloydRunner, MAX_ITERATIONS, MOVE_TOLERANCE } from "./lloyd-runner.js";
import { distancesTo } from "./nearest-centroids.js";

/** Iterations between two answers of a worker: what it does past the last one costs less than more answers would. */
const ITERATIONS_PER_RUN = 10;

/**
 * Lloyd's algorithm as a graph that onnxruntime runs in the workers of a pool: several times faster than `libraryLloyd`, a path per
 * worker, and this thread stays free. Two centres at one distance, to the last bits of float64, may be told apart differently.
 */
export function lloydInPool(pool: SessionPool): LloydRunner {
  let loaded = 0;
  return {
    concurrency: pool.workers,
    load(points, clusterCount) {
      // Another runner may have models in the same pool.
      while (pool.has(`lloyd ${loaded}`)) loaded++;
      const key = `lloyd ${loaded}`;
      pool.register(key, lloydGraph(points, clusterCount));
      const program = iterations(key);
      return {
        async converge(start, signal) {
          let centres = start;
          for (let done = 0; done < MAX_ITERATIONS; done += ITERATIONS_PER_RUN) {
            const outputs = await pool.program(program, { [lloydNames.centres]: centres }, { signal });
            for (let step = 0; step < ITERATIONS_PER_RUN; step++) {
              centres = outputs[`${lloydNames.next} ${step}`];
              if (!(outputs[`${lloydNames.moved} ${step}`].data[0] > MOVE_TOLERANCE)) return centres;
            }
          }
          return centres;
        },
        async nearest(centroids) {
          const centres = { shape: centroids.shape, data: Float64Array.from(centroids.data) };
          const outputs = await pool.run(key, { [lloydNames.centres]: centres }, { fetch: [lloydNames.cell] });
          const index: Int32Array = outputs[lloydNames.cell].data;
          return { index, squaredDistance: distancesTo(centroids, index, points) };
        },
        release: () => pool.release(key),
      };
    },
  };
}

/** Iterations one after the other; the centres of each come back, since any of them may be where it rests. */
function iterations(model: string): Program {
  const steps = Array.from({ length: ITERATIONS_PER_RUN }, (_, step) => step);
  return {
    steps: steps.map((step) => ({
      model,
      feeds: {
        [lloydNames.centres]:
          step === 0
            ? { from: "input", name: lloydNames.centres }
            : { from: "step", step: step - 1, output: lloydNames.next },
      },
    })),
    outputs: Object.fromEntries(
      steps.flatMap((step) =>
        [lloydNames.next, lloydNames.moved].map((output) => [`${output} ${step}`, { step, output }] as const),
      ),
    ),
  };
}
