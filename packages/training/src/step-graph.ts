import { differentiate } from "@quee/onnx-autodiff";
import { constant, type Graph, GraphBuilder, int64Constant } from "@quee/onnx-graph";
import { type Adam, writeAdam } from "./adam.js";
import type { ParameterLayout } from "./parameter-layout.js";

/** Names of what a step graph takes and gives besides the inputs and outputs of the forward graph. */
export const stepNames = {
  parameters: "quee.parameters",
  firstMoment: "quee.first_moment",
  secondMoment: "quee.second_moment",
  learningRate: "quee.learning_rate",
  firstCorrection: "quee.first_correction",
  secondCorrection: "quee.second_correction",
  newParameters: "quee.new_parameters",
  newFirstMoment: "quee.new_first_moment",
  newSecondMoment: "quee.new_second_moment",
} as const;

export interface StepGraphOptions {
  readonly loss: string;
  readonly layout: ParameterLayout;
  readonly optimizer: Adam;
  /** Scales the whole gradient down to this Euclidean norm if it is longer. */
  readonly clipNorm?: number;
}

/** Forward, backward and update in one graph: parameters and moments are inputs [P], their next values outputs [P]. */
export function stepGraph(forward: Graph, { loss, layout, optimizer, clipNorm }: StepGraphOptions): Graph {
  const names = layout.places.map(({ name }) => name);
  const { graph, gradients } = differentiate(forward, { loss, withRespectTo: names });
  const trained = new Set(names);
  const builder = GraphBuilder.from({
    ...graph,
    initializers: new Map([...graph.initializers].filter(([name]) => !trained.has(name))),
    outputs: [],
  });
  const vector = (name: string) => builder.input(name, [layout.size]);
  const parameters = vector(stepNames.parameters);
  const firstMoment = vector(stepNames.firstMoment);
  const secondMoment = vector(stepNames.secondMoment);
  const learningRate = builder.input(stepNames.learningRate, []);
  const firstCorrection = builder.input(stepNames.firstCorrection, []);
  const secondCorrection = builder.input(stepNames.secondCorrection, []);

  unpackParameters(builder, parameters, layout);
  const flat = names.map((name) => builder.reshape(gradients.get(name) as string, [-1]));
  const whole = flat.length === 1 ? (flat[0] as string) : builder.add("Concat", flat, { axis: 0 });
  const gradient = clipNorm === undefined ? whole : clipByNorm(builder, whole, clipNorm);
  const decay = decayOf(builder, optimizer, layout);
  const next = writeAdam(builder, optimizer, {
    ...{ parameters, gradient, firstMoment, secondMoment, learningRate, firstCorrection, secondCorrection, decay },
  });

  for (const { name, shape, dtype } of forward.outputs) if (name !== loss) builder.output(name, shape, dtype);
  builder.output(loss, []);
  const results = [
    [next.parameters, stepNames.newParameters],
    [next.firstMoment, stepNames.newFirstMoment],
    [next.secondMoment, stepNames.newSecondMoment],
  ] as const;
  for (const [value, name] of results) builder.output(builder.add("Identity", [value], {}, name), [layout.size]);
  const built = builder.build();
  // The builder appends; the pieces of the vector must stand before the nodes that read them.
  const [forwardCount, unpackCount] = [graph.nodes.length, 1 + names.length];
  const unpacking = built.nodes.slice(forwardCount, forwardCount + unpackCount);
  const updating = built.nodes.slice(forwardCount + unpackCount);
  return { ...built, nodes: [...unpacking, ...graph.nodes, ...updating] };
}

/** Gives every parameter its name back, as a piece of the vector. */
function unpackParameters(builder: GraphBuilder, parameters: string, { places }: ParameterLayout): void {
  const sizes = places.map(({ size }) => size);
  const pieces = builder.addMany("Split", [parameters, builder.int64(sizes)], places.length, { axis: 0 });
  places.forEach(({ name, shape }, i) => {
    const dims = builder.initializer(builder.fresh("shape"), int64Constant(shape));
    builder.add("Reshape", [pieces[i] as string, dims], {}, name);
  });
}

/** g·min(1, c/‖g‖) */
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
