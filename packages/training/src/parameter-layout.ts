import { QueeError } from "@quee/core";
import type { Constant, Graph } from "@quee/onnx-graph";
import { sizeOf, type Tensor } from "@quee/tensor";

interface Place {
  readonly name: string;
  readonly shape: readonly number[];
  readonly from: number;
  readonly size: number;
}

/**
 * Where each parameter lies in one vector [P]. A step then reads and writes three tensors, however many parameters there are:
 * onnxruntime-node pays for every input and output of a run.
 */
export interface ParameterLayout {
  readonly places: readonly Place[];
  /** P */
  readonly size: number;
}

export function layOut(graph: Graph, names: readonly string[]): ParameterLayout {
  let size = 0;
  const places = names.map((name) => {
    const place = { name, shape: floatInitializer(graph, name).dims, from: size, size: 0 };
    place.size = sizeOf(place.shape);
    size += place.size;
    return place;
  });
  if (new Set(names).size !== names.length || names.length === 0) {
    throw parameterError("parameters", "one or more different names", `[${names.join(", ")}]`);
  }
  return { places, size };
}

/** The vector of the values that the initializers of `graph` have. */
export function initialVector(graph: Graph, layout: ParameterLayout): Float32Array {
  const vector = new Float32Array(layout.size);
  for (const { name, from } of layout.places) vector.set(floatInitializer(graph, name).data as Float32Array, from);
  return vector;
}

/** Views of the parameters in the vector, by name. */
export function unpack(layout: ParameterLayout, vector: Float32Array): ReadonlyMap<string, Tensor> {
  return new Map(
    layout.places.map(({ name, shape, from, size }) => [name, { shape, data: vector.subarray(from, from + size) }]),
  );
}

/** A new vector with some parameters replaced. */
export function replaceParameters(
  layout: ParameterLayout,
  vector: Float32Array,
  values: ReadonlyMap<string, Tensor>,
): Float32Array {
  const known = new Map(layout.places.map((place) => [place.name, place]));
  const replaced = vector.slice();
  for (const [name, { shape, data }] of values) {
    const place = known.get(name);
    if (place === undefined) throw parameterError(name, `one of ${[...known.keys()].join(", ")}`, "another name");
    if (shape.join() !== place.shape.join()) {
      throw parameterError(name, `shape [${place.shape.join(", ")}]`, `[${shape.join(", ")}]`);
    }
    replaced.set(data, place.from);
  }
  return replaced;
}

function floatInitializer(graph: Graph, name: string): Constant {
  const value = graph.initializers.get(name);
  if (value === undefined) throw parameterError(name, "the name of an initializer", "none");
  if (value.dtype !== "float32") throw parameterError(name, "float32", value.dtype);
  return value;
}

function parameterError(where: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_PARAMETER", kind: "input", where: `parameter "${where}"`, expected, got });
}
