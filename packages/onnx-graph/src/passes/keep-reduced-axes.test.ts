import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { keepReducedAxes } from "./keep-reduced-axes.js";

test("an Unsqueeze that puts reduced axes back is folded into the reduction", () => {
  const g = new GraphBuilder("reduced");
  const x = g.input("x", ["batch", 3, 4]);
  g.output(g.add("Unsqueeze", [g.reduceSum(x, [-1], false), g.int64([2])], {}, "new"));
  g.output(g.add("Unsqueeze", [g.reduceMean(x, [1], false), g.int64([1])], {}, "old"));
  const clean = keepReducedAxes.apply(g.build());
  expect(opsOf(clean)).toEqual(["ReduceSum", "ReduceMean"]);
  const feeds = new Map([["x", ramp(2, 3, 4)]]);
  const [before, after] = [interpret(g.build(), feeds), interpret(clean, feeds)];
  for (const name of ["new", "old"]) expect(after.get(name)).toEqual(before.get(name));
});

test("another axis, or a second reader of the reduced value, keeps both operators", () => {
  const g = new GraphBuilder("kept");
  const x = g.input("x", ["batch", 3, 4]);
  g.output(g.add("Unsqueeze", [g.reduceSum(x, [2], false), g.int64([1])]));
  const read = g.reduceSum(x, [1], false);
  g.output(g.add("Unsqueeze", [read, g.int64([1])]));
  g.output(g.add("Neg", [read]));
  const graph = g.build();
  expect(keepReducedAxes.apply(graph)).toBe(graph);
});
