import { QueeError } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import type { Tensor, TensorData } from "@quee/tensor";
import type { Adam } from "./adam.js";
import { initialVector, layOut, replaceParameters, unpack } from "./parameter-layout.js";
import { stepGraph, stepNames } from "./step-graph.js";

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
  /** Threads inside one operator. Default 1. */
  readonly threads?: number;
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

/** Compiles forward, backward and Adam to one graph; a step is one run of it. The state goes from output to input uncopied. */
export async function createTrainStep(options: TrainStepOptions): Promise<TrainStep> {
  const { graph, loss = "loss", optimizer, clipNorm, threads = 1 } = options;
  const layout = layOut(graph, options.parameters);
  const model = stepGraph(graph, { loss, layout, optimizer, ...(clipNorm === undefined ? {} : { clipNorm }) });
  const session = await openSession(model, { threads });
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
      } = await session.run({
        ...batch,
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
    release: () => session.release(),
  };
}

function scalar(value: number): Tensor {
  return { shape: [], data: Float32Array.of(value) };
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

function wrongSize(size: number, vectors: readonly Float32Array[]): QueeError {
  return new QueeError({
    code: "E_TRAIN_STATE",
    kind: "input",
    where: "state of training",
    expected: `vectors of ${size} numbers`,
    got: vectors.map(({ length }) => length).join(", "),
  });
}
