import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { opsOf } from "../interpret.test.support.js";
import { removeIdentities } from "./remove-identities.js";

function leftOf(write: (g: GraphBuilder, x: string) => string): readonly string[] {
  const g = new GraphBuilder("identities");
  const x = g.add("Relu", [g.input("x", ["batch", 3, 1])], {}, "r");
  g.output(g.add("Neg", [write(g, x)], {}, "y"));
  const clean = removeIdentities.apply(g.build());
  return opsOf(clean);
}

test.each<[string, (g: GraphBuilder, x: string) => string]>([
  ["Identity", (g, x) => g.add("Identity", [x])],
  ["Dropout", (g, x) => g.add("Dropout", [x, g.scalar(0.5)])],
  ["Cast to the same type", (g, x) => g.add("Cast", [x], { to: 1 })],
  ["Reshape to the same shape", (g, x) => g.reshape(x, [0, 3, 1])],
  ["Transpose that keeps the axes", (g, x) => g.transpose(x, [0, 1, 2])],
  ["Expand by ones", (g, x) => g.add("Expand", [x, g.int64([1, 1, 1])])],
  ["Tile once", (g, x) => g.add("Tile", [x, g.int64([1, 1, 1])])],
  ["Slice of everything", (g, x) => g.slice(x, 1, 0, 2 ** 31)],
  ["Pad by nothing", (g, x) => g.add("Pad", [x, g.int64([0, 0, 0, 0, 0, 0])])],
  ["Concat of one", (g, x) => g.add("Concat", [x], { axis: 1 })],
])("%s goes", (_, write) => {
  expect(leftOf(write)).toEqual(["Relu", "Neg"]);
});

test.each<[string, (g: GraphBuilder, x: string) => string]>([
  ["Cast", (g, x) => g.add("Cast", [x], { to: 11 })],
  ["Reshape", (g, x) => g.reshape(x, [0, 1, 3])],
  ["Transpose", (g, x) => g.transpose(x, [0, 2, 1])],
  ["Slice", (g, x) => g.add("Slice", [x, g.int64([-1]), g.int64([-4]), g.int64([1]), g.int64([-1])])],
  ["Tile", (g, x) => g.add("Tile", [x, g.int64([1, 1, 2])])],
])("%s that changes something stays", (op, write) => {
  expect(leftOf(write)).toEqual(["Relu", op, "Neg"]);
});

test("a Dropout that trains stays", () => {
  const yes = { dtype: "bool", dims: [], data: Uint8Array.of(1) } as const;
  expect(leftOf((g, x) => g.add("Dropout", [x, g.scalar(0.5), g.initializer("yes", yes)]))).toContain("Dropout");
});

test("outputs keep their names; one that is an input or another output keeps its operator", () => {
  const g = new GraphBuilder("doors");
  const x = g.input("x", [2]);
  const r = g.add("Relu", [x], {}, "r");
  g.output(g.add("Identity", [r], {}, "y"));
  g.output(g.add("Identity", [r], {}, "z"));
  g.output(g.add("Identity", [x], {}, "same"));
  const clean = removeIdentities.apply(g.build());
  expect(clean.nodes.map(({ op, inputs, outputs }) => [op, ...inputs, ...outputs])).toEqual([
    ["Relu", "x", "y"],
    ["Identity", "y", "z"],
    ["Identity", "x", "same"],
  ]);
});
