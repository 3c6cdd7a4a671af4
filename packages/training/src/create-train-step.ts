import { QueeError } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import type { Tensor, TensorData } from "@quee/tensor";
import type { Adam } from "./adam.js";
import { gradientGraph } from "./gradient-graph.js";
import { initialVector, layOut, replaceParameters, unpack } from "./parameter-layout.js";
import { fusedEngine, parallelEngine, scalar } from "./step-engine.js";
import { stepNames } from "./step-names.js";

type Feeds = Readonly<Record<string, Tensor<TensorData>>>;

export interface TrainStepOptions {
  /** A forward graph that puts out a loss of one element. */
  readonly graph: Graph;
  /** Name of the loss. Default `loss`. */
  readonly loss?: string;
  /** Names of the initializers that are trained, float32. */
  readonly parameters: readonly string[];
  readonly optimizer: Adam;
  /** Scales the whole gradient down to this Euclidean norm if it is longer. Default: never. */
  readonly clipNorm?: number;
  /** Threads inside one operator, where the step runs in this thread. Default 1. */
  readonly threads?: number;
  /**
   * From 2 on: worker threads that share every batch, which must be larger than that; the best use of several cores for networks
   * that take long. The loss must be a mean over samples, every input have its samples along the first axis, and the loss be
   * the only output. Default 1: in this thread.
   */
  readonly workers?: number;
}

/** All that a step changes; with it training goes on where it stood. Vectors [P] hold the parameters one after the other. */
export interface TrainState {
  readonly steps: number;
  readonly parameters: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

export interface StepResult {
  /** Loss of the batch before the update. */
  readonly loss: number;
  /** The other outputs of the forward graph. */
  readonly outputs: Readonly<Record<string, Tensor<TensorData>>>;
}

export interface TrainStep {
  /** One update. @throws QueeError (numeric) when the loss is not finite; the parameters stay as they were. */
  step(batch: Feeds, learningRate: number): Promise<StepResult>;
  /** The parameters as they are now, by name; later steps do not change them. */
  parameters(): ReadonlyMap<string, Tensor>;
  /** Replaces some parameters or all; the moments stay. */
  setParameters(values: ReadonlyMap<string, Tensor>): void;
  state(): TrainState;
  setState(state: TrainState): void;
  release(): Promise<void>;
}

/**
 * Compiles forward, backward and Adam to one graph; a step is one run of it, and the state goes from output to input uncopied.
 * The number of workers changes the last bits of results, as it changes the order of sums.
 */
export async function createTrainStep(options: TrainStepOptions): Promise<TrainStep> {
  const { graph, loss = "loss", optimizer, clipNorm, threads = 1, workers = 1 } = options;
  if (!Number.isInteger(workers) || workers < 1 || (workers > 1 && threads > 1)) throw wrongWorkers(workers, threads);
  const layout = layOut(graph, options.parameters);
  const gradients = gradientGraph(graph, loss, layout);
  const update = { layout, optimizer, clipNorm };
  const engine =
    workers > 1
      ? await parallelEngine(gradients, loss, update, workers)
      : await fusedEngine(gradients, update, threads);
  const vector = (data: Float32Array): Tensor => ({ shape: [layout.size], data });
  let state: TrainState = {
    steps: 0,
    parameters: initialVector(graph, layout),
    firstMoment: new Float32Array(layout.size),
    secondMoment: new Float32Array(layout.size),
  };

  return {
    async step(batch, learningRate) {
      const steps = state.steps + 1;
      const {
        [stepNames.newParameters]: parameters,
        [stepNames.newFirstMoment]: firstMoment,
        [stepNames.newSecondMoment]: secondMoment,
        [loss]: lossTensor,
        ...outputs
      } = await engine.run(batch, {
        [stepNames.parameters]: vector(state.parameters),
        [stepNames.firstMoment]: vector(state.firstMoment),
        [stepNames.secondMoment]: vector(state.secondMoment),
        [stepNames.learningRate]: scalar(learningRate),
        [stepNames.firstCorrection]: scalar(1 / (1 - optimizer.beta1 ** steps)),
        [stepNames.secondCorrection]: scalar(1 / (1 - optimizer.beta2 ** steps)),
      });
      const value = Number(lossTensor.data[0]);
      if (!Number.isFinite(value)) throw notFinite(steps, value);
      state = {
        steps,
        parameters: parameters.data as Float32Array,
        firstMoment: firstMoment.data as Float32Array,
        secondMoment: secondMoment.data as Float32Array,
      };
      return { loss: value, outputs };
    },
    parameters: () => unpack(layout, state.parameters),
    setParameters(values) {
      state = { ...state, parameters: replaceParameters(layout, state.parameters, values) };
    },
    state: () => state,
    setState(next) {
      const vectors = [next.parameters, next.firstMoment, next.secondMoment];
      if (vectors.some(({ length }) => length !== layout.size)) throw wrongSize(layout.size, vectors);
      state = next;
    },
    release: () => engine.release(),
  };
}

function notFinite(step: number, loss: number): QueeError {
  return new QueeError({
    code: "E_LOSS_NOT_FINITE",
    kind: "numeric",
    where: `training step ${step}`,
    expected: "a finite loss",
    got: String(loss),
    hint: "A lower learning rate or clipNorm usually helps",
  });
}

function wrongWorkers(workers: number, threads: number): QueeError {
  return new QueeError({
    code: "E_TRAIN_WORKERS",
    kind: "usage",
    where: "training step",
    expected: "one worker or more, with one thread each",
    got: `${workers} workers with ${threads} threads`,
  });
}

function wrongSize(size: number, vectors: readonly Float32Array[]): QueeError {
  return new QueeError({
    code: "E_TRAIN_STATE",
    kind: "input",
    where: "state of training",
    expected: `vectors of ${size} numbers`,
    got: vectors.map(({ length }) => length).join(", "),
  });
}
