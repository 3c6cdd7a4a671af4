import { bits } from "@quee/core";
import { expect, test } from "vitest";
import { uniform } from "../quantizers/uniform-quantizer.js";
import { candidateLosses } from "./candidate-losses.js";
import { matmulSite } from "./matmul-site.js";
import { hessian } from "./metric.js";
import type { Multiplier } from "./multiplier.js";

test("rounded copies of a right factor fit the bound where only one row of the left one counts", async () => {
  const [units, rows, inner, columns] = [12, 3, 64, 197];
  const zeros = (count: number) => new Float32Array(count);
  const site = matmulSite({
    name: "scores of the last layer",
    left: zeros(units * rows * inner),
    right: zeros(units * columns * inner),
    output: zeros(units * rows * columns),
    gradient: zeros(units * rows * columns).fill(1),
    dims: [1, units, rows, inner, columns],
    softmaxQuantizer: null,
  });
  let largest = 0;
  let calls = 0;
  const multiplier: Pick<Multiplier, "multiplyRounded"> = {
    multiplyRounded: async ({ own, candidates, shape }) => {
      calls++;
      largest = Math.max(largest, own.length * candidates.length);
      const [chunk, some, , width] = shape as readonly number[];
      return zeros(candidates.length * chunk * some * width);
    },
  };
  const add = candidateLosses(
    hessian,
    {
      products: site.whole,
      side: "right",
      other: site.left.data,
      candidates: uniform.candidates({ magnitude: 1, most: 1 }, bits(8), "x"),
      bits: bits(8),
      operand: site.right,
      cell: null,
    },
    multiplier as Multiplier,
  );
  const units12 = Int32Array.from({ length: units }, (_, u) => u);
  const outputs = { units: units12, rows: Int32Array.of(0), columns: { from: 0, until: columns } };
  await add(
    new Float64Array(100),
    Int32Array.from({ length: 100 }, (_, c) => c),
    outputs,
  );
  expect(largest).toBeLessThanOrEqual(2 ** 20);
  // Not one at a time either.
  expect(calls).toBeLessThan(30);
});
