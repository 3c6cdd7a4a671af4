import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.js";
import type { Graph } from "./graph.js";
import { consumersOf, producerOf } from "./topology.js";

function diamond(): Graph {
  const g = new GraphBuilder("diamond");
  const x = g.input("x", ["batch", 4]);
  const left = g.add("Relu", [x], {}, "left");
  const right = g.add("Neg", [x], {}, "right");
  g.times(g.plus(left, right, "sum"), "sum", "square");
  g.output("square");
  return g.build();
}

test("producers and consumers of a diamond, a node that reads a value twice is listed once", () => {
  const graph = diamond();
  expect(producerOf(graph).get("sum")?.op).toBe("Add");
  expect(producerOf(graph).has("x")).toBe(false);
  const consumers = consumersOf(graph);
  expect(consumers.get("x")?.map(({ op }) => op)).toEqual(["Relu", "Neg"]);
  expect(consumers.get("sum")?.map(({ name }) => name)).toEqual(["square"]);
  expect(consumers.has("square")).toBe(false);
});

test("the body of an If consumes what it takes from around it", () => {
  const body = new GraphBuilder("then");
  body.add("Relu", ["x"], {}, "y");
  body.output("y");
  const g = new GraphBuilder("outer");
  g.input("x", [4]);
  g.input("condition", [], "bool");
  g.add("If", ["condition"], { then_branch: { kind: "graph", value: body.build() } }, "z");
  g.output("z");
  expect(
    consumersOf(g.build())
      .get("x")
      ?.map(({ op }) => op),
  ).toEqual(["If"]);
});
