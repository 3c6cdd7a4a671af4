import { expect, test } from "vitest";
import { gatherRows, oneHot } from "./rows.js";

test("rows come in the order of the indices, as often as they are named, in their own kind of array", () => {
  const values = { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  expect(gatherRows(values, [2, 0, 2])).toEqual({ shape: [3, 2], data: Float32Array.of(5, 6, 1, 2, 5, 6) });
  expect(gatherRows({ shape: [3], data: Int32Array.of(7, 8, 9) }, [1])).toEqual({ shape: [1], data: Int32Array.of(8) });
  expect(gatherRows({ shape: [2], data: BigInt64Array.of(7n, 8n) }, [1]).data).toEqual(BigInt64Array.of(8n));
  expect(gatherRows(values, [])).toEqual({ shape: [0, 2], data: new Float32Array() });
});

test("a one-hot row has its 1 at the label", () => {
  expect(oneHot(Int32Array.of(1, 0), 3)).toEqual({ shape: [2, 3], data: Float32Array.of(0, 1, 0, 1, 0, 0) });
});
