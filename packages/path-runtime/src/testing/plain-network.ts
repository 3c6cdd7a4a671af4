import { type Bits, bits, type Path } from "@quee/core";
import type { Outputs, Program, Tensors } from "@quee/onnx-session";
import { randomStream, softmaxRows, type Tensor, tensor } from "@quee/tensor";
import type { BlockSet } from "../block-set.js";
import type { ImageSource } from "../images.js";

const tokens = 2;
const width = 3;
const classCount = 4;
const size = tokens * width;

/** One run of one model, as a pool saw it. */
export interface Call {
  readonly model: string;
  readonly count: number;
}

/**
 * A network of `exitCount` blocks in plain arithmetic: an image is 6 numbers, a block multiplies them by a matrix that depends
 * on block and bits, and squashes them. Rows never mix, so an image means the same in every batch.
 */
export function plainNetwork({
  exitCount,
  count,
  workers = 2,
}: {
  exitCount: number;
  count: number;
  workers?: number;
}) {
  const blocks: BlockSet = { exitCount, classCount, model: (block, level) => `${block}@${level}` };
  const pixels = numbers("pixels", count * size);
  const calls: Call[] = [];
  const asked: number[] = [];
  const underWay = { now: 0, most: 0 };

  const images: ImageSource = {
    count,
    batch: (indices) => {
      asked.push(...indices);
      return rowsOf(tensor([count, 1, tokens, width], pixels), indices);
    },
  };
  const call = (model: string, feeds: Tensors): Outputs => {
    const block = Number(model.split("@")[0]);
    const input = feeds[block === 1 ? "pixel_values" : "hidden_states_in"] as Tensor;
    const n = input.shape[0];
    calls.push({ model, count: n });
    const hidden = tensor([n, tokens, width], runBlock(model, input.data));
    const logits = tensor([n, classCount], logitsOf(model, hidden.data));
    const exit_features = tensor(
      [n, width],
      hidden.data.filter((_, at) => at % size < width),
    );
    return block === exitCount ? { logits, exit_features } : { logits, exit_features, hidden_states: hidden };
  };
  const later = async <Value>(value: () => Value, signal: AbortSignal | undefined): Promise<Value> => {
    underWay.most = Math.max(underWay.most, ++underWay.now);
    await new Promise((resolve) => setImmediate(resolve));
    underWay.now--;
    signal?.throwIfAborted();
    return value();
  };
  const pool = {
    workers,
    run: (model: string, feeds: Tensors, { signal }: { signal?: AbortSignal | undefined } = {}) =>
      later(() => call(model, feeds), signal),
    program: ({ steps, outputs }: Program, inputs: Tensors, { signal }: { signal?: AbortSignal | undefined } = {}) =>
      later(() => {
        const answers: Outputs[] = [];
        for (const { model, feeds } of steps) {
          const given = Object.entries(feeds).map(([name, source]) => {
            return [name, source.from === "input" ? inputs[source.name] : answers[source.step][source.output]] as const;
          });
          answers.push(call(model, Object.fromEntries(given)));
        }
        const results = Object.entries(outputs).map(
          ([name, { step, output }]) => [name, answers[step][output]] as const,
        );
        return Object.fromEntries(results);
      }, signal),
  };
  return { blocks, images, pool, calls, asked, underWay };
}

/** p̂ of one image on one path, block by block. */
export function plainProbabilities(image: number, path: Path, count: number): Float32Array {
  const { model, values } = walk(image, path, count);
  return softmaxRows(tensor([1, classCount], logitsOf(model, values))).data;
}

/** The first token of one image behind one path: what the network puts out as exit features. */
export function plainExitFeatures(image: number, path: Path, count: number): Float32Array {
  return walk(image, path, count).values.slice(0, width);
}

function walk(image: number, path: Path, count: number): { readonly model: string; readonly values: Float32Array } {
  let values: Float32Array = numbers("pixels", count * size).slice(image * size, (image + 1) * size);
  let model = "";
  for (const [j, level] of path.entries()) {
    model = `${j + 1}@${level}`;
    values = runBlock(model, values);
  }
  return { model, values };
}

export const levels: readonly Bits[] = [bits(8), bits(6), bits(5)];

function runBlock(model: string, values: Float32Array): Float32Array {
  return multiplyRows(values, numbers(`weights of ${model}`, size * size), size).map(Math.tanh);
}

function logitsOf(model: string, values: Float32Array): Float32Array {
  return multiplyRows(values, numbers(`head of ${model}`, size * classCount), classCount);
}

function multiplyRows(values: Float32Array, matrix: Float32Array, columns: number): Float32Array {
  return Float32Array.from({ length: (values.length / size) * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let d = 0; d < size; d++) sum += values[row * size + d] * matrix[d * columns + column];
    return sum;
  });
}

function numbers(name: string, length: number): Float32Array {
  const random = randomStream(1, name);
  return Float32Array.from({ length }, () => random.normal());
}

function rowsOf({ shape, data }: Tensor, indices: Int32Array): Tensor {
  const rows = Array.from(indices, (i) => [...data.subarray(i * size, (i + 1) * size)]);
  return tensor([indices.length, ...shape.slice(1)], Float32Array.from(rows.flat()));
}
