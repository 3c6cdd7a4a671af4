import { constant, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { type Adam, writeAdam } from "./adam.js";
import type { ParameterLayout } from "./parameter-layout.js";
import { partNames, stepNames } from "./step-names.js";

export interface UpdateOptions {
  readonly layout: ParameterLayout;
  readonly optimizer: Adam;
  /** Scales the whole gradient down to this Euclidean norm if it is longer. */
  readonly clipNorm?: number | undefined;
}

/** Gradient and update in one graph: the parameters that come out go in again. */
export function stepGraph(gradients: Graph, options: UpdateOptions): Graph {
  const outputs = gradients.outputs.filter(({ name }) => name !== stepNames.gradient);
  const builder = GraphBuilder.from({ ...gradients, outputs });
  writeUpdate(builder, stepNames.gradient, options);
  return builder.build();
}

/** The update alone, by the mean of the gradients of `parts` parts of a batch, each weighted by its share of the samples. */
export function updateGraph(parts: number, options: UpdateOptions): Graph {
  const builder = new GraphBuilder("update");
  builder.input(stepNames.parameters, [options.layout.size]);
  const weighted = Array.from({ length: parts }, (_, index) => {
    const { gradient, share } = partNames(index);
    return builder.times(builder.input(gradient, [options.layout.size]), builder.input(share, []));
  });
  const gradient = weighted.reduce((sum, part) => builder.plus(sum, part));
  writeUpdate(builder, gradient, options);
  return builder.build();
}

function writeUpdate(builder: GraphBuilder, gradient: string, { layout, optimizer, clipNorm }: UpdateOptions): void {
  const next = writeAdam(builder, optimizer, {
    parameters: stepNames.parameters,
    gradient: clipNorm === undefined ? gradient : clipByNorm(builder, gradient, clipNorm),
    firstMoment: builder.input(stepNames.firstMoment, [layout.size]),
    secondMoment: builder.input(stepNames.secondMoment, [layout.size]),
    learningRate: builder.input(stepNames.learningRate, []),
    firstCorrection: builder.input(stepNames.firstCorrection, []),
    secondCorrection: builder.input(stepNames.secondCorrection, []),
    decay: decayOf(builder, optimizer, layout),
  });
  const results = [
    [next.parameters, stepNames.newParameters],
    [next.firstMoment, stepNames.newFirstMoment],
    [next.secondMoment, stepNames.newSecondMoment],
  ] as const;
  for (const [value, name] of results) builder.output(builder.add("Identity", [value], {}, name), [layout.size]);
}

/** g·min(1, c/‖g‖). Pascanu et al. (arXiv 1211.5063), algorithm 1. */
function clipByNorm(builder: GraphBuilder, gradient: string, norm: number): string {
  const length = builder.add("ReduceL2", [gradient], { keepdims: 0 });
  const ratio = builder.over(builder.scalar(norm), builder.add("Max", [length, builder.scalar(norm)]));
  return builder.times(gradient, ratio);
}

function decayOf(
  builder: GraphBuilder,
  { weightDecay, decays }: Adam,
  { places, size }: ParameterLayout,
): string | null {
  if (weightDecay === 0 || !places.some(({ name }) => decays(name))) return null;
  if (places.every(({ name }) => decays(name))) return builder.scalar(weightDecay);
  const perParameter = new Float32Array(size);
  for (const place of places) {
    if (decays(place.name)) perParameter.fill(weightDecay, place.from, place.from + place.size);
  }
  return builder.initializer(builder.fresh("decay"), constant([size], perParameter));
}
