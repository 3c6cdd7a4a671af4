import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { mergeDuplicates } from "./merge-duplicates.js";

test("equal operators merge, and what becomes equal by that merges with them", () => {
  const g = new GraphBuilder("twins");
  const x = g.input("x", [2, 2]);
  const [a, b] = [g.add("Softmax", [x], { axis: 1 }, "a"), g.add("Softmax", [x], { axis: 1 }, "b")];
  g.output(g.minus(g.add("Exp", [a], {}, "c"), g.add("Exp", [b], {}, "d"), "y"));
  const merged = mergeDuplicates.apply(g.build());
  expect(merged.nodes.map(({ op, inputs }) => [op, ...inputs])).toEqual([
    ["Softmax", "x"],
    ["Exp", "a"],
    ["Sub", "c", "c"],
  ]);
});

test("other attributes, random operators and a second graph output stay apart", () => {
  const g = new GraphBuilder("apart");
  const x = g.input("x", [2, 2]);
  g.output(g.add("Softmax", [x], { axis: 0 }));
  g.output(g.add("Softmax", [x], { axis: 1 }));
  for (const name of ["p", "q"]) g.output(g.add("RandomNormalLike", [x], {}, name));
  for (const name of ["r", "s"]) g.output(g.add("Neg", [x], {}, name));
  const graph = g.build();
  expect(mergeDuplicates.apply(graph)).toBe(graph);
});
