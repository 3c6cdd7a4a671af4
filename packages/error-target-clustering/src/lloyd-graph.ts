import { codeOfDType, float, type Graph, GraphBuilder } from "@quee/onnx-graph";
import type { Tensor } from "@quee/tensor";

/** Names of what goes in and out of the graph. */
export const lloydNames = { centres: "centres", next: "next", moved: "moved", cell: "cell" } as const;

/**
 * One iteration of Lloyd's algorithm in float64, the points inside: centres [C, K] → `cell` [N] of each point, the `next` centres
 * [C, K], and how far the one that `moved` most did, as a squared distance.
 * argmin ‖x − c‖² is argmax 2·x·c − ‖c‖²: one matrix product.
 * @param points [N, K]
 */
export function lloydGraph({ shape: [count, width], data }: Tensor, clusterCount: number): Graph {
  const builder = new GraphBuilder("lloyd");
  const constant = (name: string, dims: readonly number[], values: Float64Array) =>
    builder.initializer(name, { dtype: "float64", dims, data: values });
  const squaredNorms = (rows: string) => builder.reduceSum(builder.times(rows, rows), [1], false);

  const points = constant("points", [count, width], Float64Array.from(data));
  const centres = builder.input(lloydNames.centres, [clusterCount, width], "float64");
  const closeness = builder.add("Gemm", [points, centres, squaredNorms(centres)], {
    alpha: float(2),
    beta: float(-1),
    transB: 1,
  });
  const cell = builder.add("ArgMax", [closeness], { axis: 1, keepdims: 1 });

  const sumOver = (values: string, zeros: string) =>
    builder.add("ScatterND", [zeros, cell, values], { reduction: "add" });
  const ones = constant("ones", [count, 1], new Float64Array(count).fill(1));
  const sizes = sumOver(ones, constant("no-points", [clusterCount, 1], new Float64Array(clusterCount)));
  const sums = sumOver(points, constant("no-sums", [clusterCount, width], new Float64Array(clusterCount * width)));
  const empty = builder.add("Equal", [sizes, constant("zero", [], Float64Array.of(0))]);
  const means = builder.over(sums, builder.add("Where", [empty, constant("one", [], Float64Array.of(1)), sizes]));
  const next = builder.add("Where", [empty, centres, means], {}, lloydNames.next);
  builder.add("ReduceMax", [squaredNorms(builder.minus(next, centres))], { keepdims: 0 }, lloydNames.moved);
  builder.add("Cast", [builder.reshape(cell, [count])], { to: codeOfDType("int32") }, lloydNames.cell);

  builder.output(lloydNames.cell, [count], "int32");
  builder.output(lloydNames.next, [clusterCount, width], "float64");
  builder.output(lloydNames.moved, [], "float64");
  return builder.build();
}
