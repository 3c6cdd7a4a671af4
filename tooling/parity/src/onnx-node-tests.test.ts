import { existsSync, readdirSync, readFileSync } from "node:fs";
import { QueeError } from "@quee/core";
import { decodeModel } from "@quee/onnx-codec";
import { type Constant, evaluateNode, type Graph, inferShapes } from "@quee/onnx-graph";
import { developmentFiles, expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";

/** The single-operator vectors of the ONNX project: what an operator makes of its inputs, by its standard's own reference. */
const root = developmentFiles("QUEE_DATA", "onnx-node-tests");

interface Vector {
  readonly name: string;
  readonly graph: Graph;
  readonly inputs: ReadonlyMap<string, Constant>;
  readonly outputs: readonly Constant[];
}

const field = (number: number, bytes: Uint8Array) =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}

/** The files hold bare tensors; as the only initializer of a model the codec reads them. */
function readTensor(file: string): Constant | null {
  const bytes = readFileSync(file);
  const model = (tensor: Uint8Array) =>
    Buffer.concat([Buffer.from([8, 8]), field(7, field(5, tensor)), field(8, Buffer.from([16, 17]))]);
  const first = (tensor: Uint8Array) => [...decodeModel(model(tensor)).initializers.values()][0] ?? null;
  try {
    return first(bytes);
  } catch {
    // A few have no name.
    return first(Buffer.concat([bytes, field(8, Buffer.from("unnamed"))]));
  }
}

function readVector(name: string): Vector | null {
  const folder = `${root}/${name}/test_data_set_0`;
  if (!existsSync(folder)) return null;
  const files = readdirSync(folder);
  try {
    const graph = decodeModel(readFileSync(`${root}/${name}/model.onnx`));
    const read = (kind: string, count: number) =>
      Array.from({ length: count }, (_, i) => {
        const file = `${kind}_${i}.pb`;
        return files.includes(file) ? readTensor(`${folder}/${file}`) : null;
      });
    const inputs = read("input", graph.inputs.length);
    const outputs = read("output", graph.outputs.length);
    if ([...inputs, ...outputs].some((value) => value === null)) return null;
    return {
      name,
      graph,
      inputs: new Map(graph.inputs.map((info, i) => [info.name, inputs[i] as Constant])),
      outputs: outputs as readonly Constant[],
    };
  } catch (error) {
    if (!(error instanceof QueeError)) throw error;
    // Sequences, float8 and the like: the codec refuses them, so nobody asks for their shapes.
    return null;
  }
}

const vectors: readonly Vector[] =
  root === null
    ? []
    : readdirSync(root).flatMap((name) => {
        const vector = name.startsWith("test_") ? readVector(name) : null;
        return vector === null ? [] : [vector];
      });

/** With the inputs as initializers: everything may be known. */
function constantGraph({ graph, inputs }: Vector): Graph {
  return { ...graph, inputs: [], initializers: new Map([...graph.initializers, ...inputs]) };
}

/** Every operator on constants; null as soon as one is not evaluated. */
function evaluate(vector: Vector): readonly Constant[] | null {
  const { graph } = vector;
  const values = new Map([...graph.initializers, ...vector.inputs]);
  for (const node of graph.nodes) {
    const made = evaluateNode(
      node,
      node.inputs.map((name) => values.get(name) ?? null),
      graph.opsets.get(node.domain),
    );
    if (made === null) return null;
    for (const [i, value] of made.entries()) values.set(node.outputs[i] as string, value);
  }
  return graph.outputs.map(({ name }) => values.get(name) as Constant);
}

test.skipIf(root === null)("inferred types are those of the vectors, or unknown", () => {
  let known = 0;
  const wrong: unknown[] = [];
  for (const vector of vectors) {
    const types = inferShapes(constantGraph(vector));
    for (const [i, { name }] of vector.graph.outputs.entries()) {
      const type = types.get(name);
      const truth = vector.outputs[i] as Constant;
      if (type?.shape?.every((dim) => dim !== null)) known++;
      const agrees =
        (type?.dtype ?? truth.dtype) === truth.dtype &&
        (type?.shape == null ||
          (type.shape.length === truth.dims.length &&
            type.shape.every((dim, axis) => dim === null || dim === truth.dims[axis])));
      if (!agrees) wrong.push({ vector: vector.name, type, truth: { dtype: truth.dtype, dims: truth.dims } });
    }
  }
  expect(wrong).toEqual([]);
  expect(known).toBeGreaterThan(400);
});

test.skipIf(root === null)("evaluated values are those of the vectors", () => {
  let evaluated = 0;
  const wrong: string[] = [];
  for (const vector of vectors) {
    const values = evaluate(vector);
    if (values === null) continue;
    evaluated++;
    for (const [i, truth] of vector.outputs.entries()) {
      const value = values[i] as Constant;
      try {
        expect([value.dtype, value.dims]).toEqual([truth.dtype, truth.dims]);
        expectAllclose(Float64Array.from(value.data, Number), Float64Array.from(truth.data, Number), {
          rtol: 1e-5,
          atol: 1e-6,
        });
      } catch (error) {
        wrong.push(`${vector.name}: ${(error as Error).message.slice(0, 200)}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(evaluated).toBeGreaterThan(320);
});
