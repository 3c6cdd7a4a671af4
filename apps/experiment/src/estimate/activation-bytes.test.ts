import { GraphBuilder } from "@quee/onnx-graph";
import { expect, test } from "vitest";
import { activationBytes } from "./activation-bytes.js";

test("a value counts from its making to its last use; weights do not", () => {
  const builder = new GraphBuilder("chain");
  const x = builder.input("x", ["batch", 10]);
  const wide = builder.matMul(x, builder.tensor("w", [10, 100], new Float32Array(1000)));
  const narrow = builder.matMul(wide, builder.tensor("v", [100, 5], new Float32Array(500)));
  builder.output(builder.plus(narrow, builder.scalar(1), "y"), ["batch", 5]);
  // x and wide live together, then wide and narrow; x is gone by then.
  expect(activationBytes(builder.build())).toBe(4 * (10 + 100));
});

test("what is read again later stays", () => {
  const builder = new GraphBuilder("residual");
  const x = builder.input("x", ["batch", 10]);
  const wide = builder.matMul(x, builder.tensor("w", [10, 100], new Float32Array(1000)));
  const narrow = builder.matMul(wide, builder.tensor("v", [100, 10], new Float32Array(1000)));
  builder.output(builder.plus(narrow, x, "y"), ["batch", 10]);
  expect(activationBytes(builder.build())).toBe(4 * (10 + 100 + 10));
});
