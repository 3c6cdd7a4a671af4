import { expect, test } from "vitest";
import { float, GraphBuilder } from "../builder.js";
import { constantNodes } from "./constant-nodes.js";

test("every form of Constant becomes an initializer of its name, but for a graph output", () => {
  const g = new GraphBuilder("constants");
  g.add("Constant", [], { value: { dtype: "float32", dims: [2], data: Float32Array.of(1, 2) } }, "tensor");
  g.add("Constant", [], { value_int: 3 }, "int");
  g.add("Constant", [], { value_float: float(0.5) }, "float");
  g.add("Constant", [], { value_ints: [4, 5] }, "ints");
  g.output(g.add("Constant", [], { value_int: 6 }, "kept"), [], "int64");
  const clean = constantNodes.apply(g.build());
  expect(clean.nodes.map(({ name }) => name)).toEqual(["kept"]);
  expect(clean.initializers.get("tensor")?.data).toEqual(Float32Array.of(1, 2));
  expect(clean.initializers.get("int")).toEqual({ dtype: "int64", dims: [], data: BigInt64Array.of(3n) });
  expect(clean.initializers.get("float")).toEqual({ dtype: "float32", dims: [], data: Float32Array.of(0.5) });
  expect(clean.initializers.get("ints")).toEqual({ dtype: "int64", dims: [2], data: BigInt64Array.of(4n, 5n) });
});
