import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { QueeError } from "@quee/core";
import { decodeModel, encodeModel } from "@quee/onnx-codec";
import type { Constant } from "@quee/onnx-graph";
import type { Tensor, TensorData } from "@quee/tensor";
import { developmentFiles, expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { openSession } from "./index.js";

const root = developmentFiles("QUEE_DATA", "onnx-node-tests");

/**
 * These vectors of ONNX 1.17 wrap at −128 where the text of ONNX saturates; ONNX 1.22 has corrected them. Their float16
 * siblings have the same fault.
 */
const wrongVector = /^test_qlinearmatmul_[23]D_int8_float(16|32)$/;

test.skipIf(root === null)(
  "models that went through our graph give the answers of ONNX, wherever the graph has the types and onnxruntime a kernel",
  async () => {
    const counts = { right: 0, type: 0, kernel: 0, vector: 0 };
    for (const folder of readdirSync(root as string).filter((name) => name.startsWith("test_"))) {
      if (wrongVector.test(folder)) counts.vector++;
      else counts[await outcome(folder)]++;
    }
    // 19 models of float8, int4, sequences and optionals, two vectors of text; no kernel: small or unsigned integers in Min, Max, Where, Pow.
    expect(counts).toEqual({ right: 497, type: 21, kernel: 8, vector: 4 });
  },
);

/** What stands in the way of a node test, or that its answers are right. */
async function outcome(folder: string): Promise<"right" | "type" | "kernel"> {
  try {
    const graph = decodeModel(readFileSync(join(root as string, folder, "model.onnx")));
    if ([...graph.inputs, ...graph.outputs].some(({ dtype }) => dtype === null)) return "type";
    const inputs = tensorsOf(folder, "input", graph.inputs);
    const session = await openSession(encodeModel({ ...graph, nodes: [...graph.nodes] }), { name: folder });
    const feeds = [...inputs].map(([name, { dims, data }]) => [name, { shape: dims, data }] as const);
    const answers = await session.run(Object.fromEntries(feeds));
    await session.release();
    for (const [name, expected] of tensorsOf(folder, "output", graph.outputs)) {
      expectSame(folder, answers[name] as Tensor<TensorData>, expected);
    }
    return "right";
  } catch (error) {
    if (!(error instanceof QueeError)) throw error;
    if (/^E_(VALUE|TENSOR)_TYPE$/.test(error.code)) return "type";
    if (error.got.includes("Could not find an implementation")) return "kernel";
    throw error;
  }
}

function tensorsOf(folder: string, kind: string, values: readonly { readonly name: string }[]): Map<string, Constant> {
  const tensors = new Map<string, Constant>();
  for (const [i, { name }] of values.entries()) {
    const file = join(root as string, folder, "test_data_set_0", `${kind}_${i}.pb`);
    if (existsSync(file)) tensors.set(name, readTensor(file));
  }
  return tensors;
}

/** A tensor file is an initializer without a model around it. */
function readTensor(file: string): Constant {
  const [irVersion, opset] = [
    [0x08, 8],
    [0x42, 2, 0x10, 17],
  ] as const;
  const model = Uint8Array.of(...irVersion, ...field(7, field(5, readFileSync(file))), ...opset);
  return [...decodeModel(model, { file }).initializers.values()][0] as Constant;
}

function field(number: number, content: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = content.length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
  return Uint8Array.of((number << 3) | 2, ...length, rest, ...content);
}

function expectSame(folder: string, answer: Tensor<TensorData>, { dtype, dims, data }: Constant): void {
  expect(answer.shape, folder).toEqual(dims);
  if (dtype === "float16") {
    expectAllclose(halves(answer.data), halves(data), { rtol: 1e-3, atol: 1e-3 });
  } else if (dtype === "float32" || dtype === "float64") {
    expectAllclose(answer.data as Float32Array, data as Float32Array, { rtol: 1e-3, atol: 1e-6 });
  } else {
    expect(answer.data, folder).toEqual(data);
  }
}

/** IEEE half precision from its bytes. */
function halves(data: TensorData): readonly number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.byteLength / 2 }, (_, i) => {
    const bits = view.getUint16(2 * i, true);
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    const size = exponent === 0 ? fraction / 2 ** 24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    return (bits & 0x8000 ? -1 : 1) * (exponent === 31 ? (fraction === 0 ? Infinity : Number.NaN) : size);
  });
}
