import { QueeError } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import type { Random, Tensor } from "@quee/tensor";
import { adam, createTrainStep, fit } from "@quee/training";
import { parametersAsInputs } from "./parameters-as-inputs.js";

type Feeds = Readonly<Record<string, Tensor>>;

/** How small networks are trained, whatever they learn. */
export interface Schedule {
  readonly batchSize: number;
  readonly maxEpochs: number;
  /** Epochs without a lower validation loss before training stops. */
  readonly patience: number;
  readonly learningRate: number;
  /** Coupled: added to the gradient. */
  readonly weightDecay: number;
  readonly signal?: AbortSignal | undefined;
}

export interface TrainNetworkOptions extends Schedule {
  /** Puts out `loss`. */
  readonly graph: Graph;
  /** Initializers that are trained. */
  readonly parameters: readonly string[];
  /** N */
  readonly count: number;
  /** What the graph takes in for these samples. */
  readonly batch: (rows: Int32Array) => Feeds;
  /** What it takes in for all validation samples. */
  readonly validation: Feeds;
  readonly random: Random;
}

/** Adam with early stopping on the loss of validation samples. @returns the parameters of the best epoch, by name */
export async function trainNetwork(options: TrainNetworkOptions): Promise<ReadonlyMap<string, Tensor>> {
  const { graph, parameters, validation, weightDecay, signal, ...schedule } = options;
  const session = await openSession(parametersAsInputs(graph, parameters));
  try {
    const step = await createTrainStep({ graph, parameters, optimizer: adam({ weightDecay }) });
    try {
      const { bestEpoch } = await fit({
        ...schedule,
        step,
        validate: async (state) => {
          const { loss } = await session.run({ ...Object.fromEntries(state), ...validation }, ["loss"]);
          return loss.data[0];
        },
        ...(signal === undefined ? {} : { signal }),
      });
      if (bestEpoch === null) throw notFinite(graph.name);
      return step.parameters();
    } finally {
      await step.release();
    }
  } finally {
    await session.release();
  }
}

function notFinite(name: string): QueeError {
  const expected = "an epoch with a finite validation loss";
  return new QueeError({ code: "E_RIVAL_TRAINING", kind: "numeric", where: name, expected, got: "none" });
}
