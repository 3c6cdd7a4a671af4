import { QueeError } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import { type Outputs, openPool, openSession, type Tensors } from "@quee/onnx-session";
import type { Tensor } from "@quee/tensor";
import { splitBatch } from "./split-batch.js";
import { partNames, stepNames } from "./step-names.js";
import { stepGraph, type UpdateOptions, updateGraph } from "./update-graph.js";

/** Runs the graphs of one step: batch and state in, loss and next state out. */
export interface StepEngine {
  run(batch: Tensors, state: Tensors): Promise<Outputs>;
  release(): Promise<void>;
}

/** One run of one graph in this thread. */
export async function fusedEngine(gradients: Graph, options: UpdateOptions, threads: number): Promise<StepEngine> {
  const session = await openSession(stepGraph(gradients, options), { threads });
  return { run: (batch, state) => session.run({ ...batch, ...state }), release: () => session.release() };
}

/**
 * Every worker computes the gradient of its part of the batch; their weighted mean, which is the gradient of the whole batch
 * when the loss is a mean over samples, moves the parameters in this thread.
 */
export async function parallelEngine(
  gradients: Graph,
  loss: string,
  options: UpdateOptions,
  workers: number,
): Promise<StepEngine> {
  requireNoOtherOutputs(gradients, loss);
  const update = await openSession(updateGraph(workers, options));
  const pool = await openPool({ workers });
  pool.register("gradient", gradients);
  return {
    async run(batch, state) {
      const parts = splitBatch(batch, workers);
      const parameters = state[stepNames.parameters];
      const results = await Promise.all(
        parts.map(({ feeds }) => pool.run("gradient", { ...feeds, [stepNames.parameters]: parameters })),
      );
      const ofParts = parts.flatMap(({ share }, index) => {
        const names = partNames(index);
        return [
          [names.gradient, results[index][stepNames.gradient]],
          [names.share, scalar(share)],
        ];
      });
      const updated = await update.run({ ...state, ...Object.fromEntries(ofParts) });
      const mean = parts.reduce((sum, { share }, index) => sum + share * results[index][loss].data[0], 0);
      return { ...updated, [loss]: scalar(mean) };
    },
    async release() {
      await pool.close();
      await update.release();
    },
  };
}

export function scalar(value: number): Tensor {
  return { shape: [], data: Float32Array.of(value) };
}

function requireNoOtherOutputs(gradients: Graph, loss: string): void {
  const others = gradients.outputs.filter(({ name }) => name !== loss && name !== stepNames.gradient);
  if (others.length === 0) return;
  throw new QueeError({
    code: "E_TRAIN_OUTPUTS",
    kind: "usage",
    where: "training step with workers",
    expected: `a graph that puts out "${loss}" only`,
    got: others.map(({ name }) => `"${name}"`).join(", "),
  });
}
