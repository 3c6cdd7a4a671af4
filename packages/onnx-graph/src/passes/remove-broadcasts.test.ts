import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { removeBroadcasts } from "./remove-broadcasts.js";
import { removeDeadCode } from "./remove-dead-code.js";

test("a Tile before an operator that broadcasts goes, sinking below the operators in between", () => {
  const g = new GraphBuilder("performer");
  const x = g.input("x", ["batch", 2, 3]);
  const spread = g.add("Tile", [g.reduceSum(x, [-1]), g.int64([1, 1, 3])]);
  g.output(g.minus(x, g.over(g.add("Exp", [spread]), g.scalar(2)), "y"));
  let graph = g.build();
  for (let round = 0; round < 4; round++) graph = removeDeadCode.apply(removeBroadcasts.apply(graph));
  expect(opsOf(graph)).toEqual(["ReduceSum", "Exp", "Div", "Sub"]);
  const feeds = new Map([["x", ramp(2, 2, 3)]]);
  expect(interpret(graph, feeds).get("y")).toEqual(interpret(g.build(), feeds).get("y"));
});

test("a Tile that repeats more than one value, or gives an operator its shape, stays", () => {
  const g = new GraphBuilder("kept");
  const x = g.input("x", ["batch", 2]);
  const twice = g.add("Tile", [x, g.int64([1, 2])]);
  g.output(g.plus(twice, g.initializer("c", ramp(4))));
  const wide = g.add("Expand", [g.input("column", [2, 1]), g.int64([2, 3])]);
  g.output(g.plus(wide, g.scalar(1)));
  g.output(wide);
  const graph = g.build();
  expect(removeBroadcasts.apply(graph)).toBe(graph);
});
