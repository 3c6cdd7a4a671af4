import { differentiate } from "@quee/onnx-autodiff";
import { type Graph, GraphBuilder, int64Constant } from "@quee/onnx-graph";
import type { ParameterLayout } from "./parameter-layout.js";
import { stepNames } from "./step-names.js";

/** The forward graph with its parameters as one input vector [P], and the gradient of the loss as one output vector [P]. */
export function gradientGraph(forward: Graph, loss: string, layout: ParameterLayout): Graph {
  const names = layout.places.map(({ name }) => name);
  const { graph, gradients } = differentiate(forward, { loss, withRespectTo: names });
  const trained = new Set(names);
  const builder = GraphBuilder.from({
    ...graph,
    initializers: new Map([...graph.initializers].filter(([name]) => !trained.has(name))),
    outputs: [],
  });
  unpackParameters(builder, builder.input(stepNames.parameters, [layout.size]), layout);
  const flat = names.map((name) => builder.reshape(gradients.get(name) as string, [-1]));
  builder.add("Concat", flat, { axis: 0 }, stepNames.gradient);

  for (const { name, shape, dtype } of forward.outputs) if (name !== loss) builder.output(name, shape, dtype);
  builder.output(loss, []);
  builder.output(stepNames.gradient, [layout.size]);
  const built = builder.build();
  // The builder appends; the pieces of the vector must stand before the nodes that read them.
  const [forwardCount, unpackCount] = [graph.nodes.length, 1 + names.length];
  const unpacking = built.nodes.slice(forwardCount, forwardCount + unpackCount);
  const packing = built.nodes.slice(forwardCount + unpackCount);
  return { ...built, nodes: [...unpacking, ...graph.nodes, ...packing] };
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
