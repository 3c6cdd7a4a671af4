import { expect, test } from "vitest";
import { broadcastShapes, minusDim, overDim, plusDim, showShape, sizeOfShape, timesDim } from "./dims.js";

test("products of symbols are kept, and cancel", () => {
  expect(timesDim("batch", 17)).toBe("17*batch");
  expect(timesDim("17*batch", "tokens")).toBe("17*batch*tokens");
  expect(overDim("17*batch", 17)).toBe("batch");
  expect(overDim("17*batch", "batch")).toBe(17);
  expect(overDim("batch", 2)).toBeNull();
  expect(overDim(10, "batch")).toBeNull();
  expect(sizeOfShape(["batch", 3, null, 0])).toBe(0);
});

test("sums keep what is still a product", () => {
  expect(plusDim("batch", "2*batch")).toBe("3*batch");
  expect(plusDim("batch", 1)).toBeNull();
  expect(plusDim(0, "batch")).toBe("batch");
  expect(minusDim("batch", "batch")).toBe(0);
  expect(minusDim("batch", 1)).toBeNull();
});

test("broadcasting: a number other than 1 wins over a symbol, two numbers must agree", () => {
  expect(broadcastShapes(["batch", 1, 3], [4, 1])).toEqual(["batch", 4, 3]);
  expect(broadcastShapes(["batch"], [5])).toEqual([5]);
  expect(broadcastShapes(["batch"], ["tokens"])).toEqual([null]);
  expect(broadcastShapes([2], [3])).toBeUndefined();
  expect(showShape(["batch", null, 3])).toBe("[batch, ?, 3]");
});
