import type { Graph } from "@quee/onnx-graph";
import type { SessionPool } from "@quee/onnx-session";
import { klDivergences } from "@quee/ptq4vit-quantizer";
import { argmaxRows, type Tensor } from "@quee/tensor";

/** How answers of a quantized network compare with the float network's, over some images. */
export interface Agreement {
  /** Mean KL(float ‖ quantized), in nats. */
  readonly klDivergence: number;
  /** Share of images with the same answer. */
  readonly sameAnswers: number;
  /** Share of images that are answered right. */
  readonly top1: number;
}

export interface AnswersOptions {
  readonly pool: SessionPool;
  readonly signal: AbortSignal;
  readonly onImages?: (done: number) => void;
}

/** Logits of several networks on the same images, [N, K] each; a batch is prepared once for all of them. */
export async function answersOf(
  graphs: readonly Graph[],
  batches: Iterable<Tensor> | AsyncIterable<Tensor>,
  { pool, signal, onImages }: AnswersOptions,
): Promise<readonly Tensor[]> {
  const keys = graphs.map((graph, g) => {
    const key = `answers ${g} ${graph.name}`;
    pool.register(key, graph);
    return { key, input: graph.inputs[0]?.name ?? "", output: graph.outputs[0]?.name ?? "" };
  });
  const found: Promise<Tensor>[][] = keys.map(() => []);
  let images = 0;
  try {
    for await (const batch of batches) {
      await pool.ready({ signal });
      // Preparing the next batch holds the event loop: let answers and signals through.
      await new Promise((next) => setImmediate(next));
      signal.throwIfAborted();
      for (const [g, { key, input, output }] of keys.entries()) {
        const run = pool.run(key, { [input]: batch }, { signal });
        const answer = run.then((outputs) => outputs[output] as Tensor);
        answer.catch(() => undefined);
        found[g]?.push(answer);
      }
      images += batch.shape[0] ?? 0;
      onImages?.(images);
    }
    return await Promise.all(found.map(async (parts) => stack(await Promise.all(parts))));
  } finally {
    for (const { key } of keys) pool.release(key);
  }
}

export function agreementOf(float: Tensor, quantized: Tensor, labels: Int32Array): Agreement {
  const [right, answers] = [argmaxRows(float), argmaxRows(quantized)];
  const count = labels.length;
  const divergences = klDivergences(float, quantized);
  return {
    klDivergence: divergences.reduce((sum, one) => sum + one, 0) / count,
    sameAnswers: answers.filter((answer, i) => answer === right[i]).length / count,
    top1: answers.filter((answer, i) => answer === labels[i]).length / count,
  };
}

function stack(parts: readonly Tensor[]): Tensor {
  const count = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const classes = parts[0]?.shape[1] ?? 0;
  const data = new Float32Array(count * classes);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { shape: [count, classes], data };
}
