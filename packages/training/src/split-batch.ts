import { QueeError } from "@quee/core";
import type { Tensors } from "@quee/onnx-session";
import { sizeOf, type Tensor, type TensorData } from "@quee/tensor";

export interface BatchPart {
  readonly feeds: Tensors;
  /** Its samples over all samples. */
  readonly share: number;
}

/** Cuts every tensor of a batch into `parts` runs of rows, as even as can be. */
export function splitBatch(batch: Tensors, parts: number): readonly BatchPart[] {
  const counts = new Set(Object.values(batch).map(({ shape }) => shape[0] ?? 0));
  const [count = 0] = counts;
  if (counts.size !== 1 || count < parts) {
    throw new QueeError({
      code: "E_TRAIN_BATCH",
      kind: "input",
      where: `batch for ${parts} workers`,
      expected: `tensors with one number of rows, at least ${parts}`,
      got: [...counts].join(", "),
    });
  }
  return Array.from({ length: parts }, (_, index) => {
    const [from, until] = [index, index + 1].map((edge) => Math.floor((edge * count) / parts));
    const feeds = Object.entries(batch).map(([name, values]) => [name, rows(values, from, until)] as const);
    return { feeds: Object.fromEntries(feeds), share: (until - from) / count };
  });
}

function rows({ shape, data }: Tensor<TensorData>, from: number, until: number): Tensor<TensorData> {
  const width = sizeOf(shape.slice(1));
  // A copy: a view that is sent to a worker takes its whole buffer along.
  return { shape: [until - from, ...shape.slice(1)], data: data.slice(from * width, until * width) };
}
