import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.js";
import type { Graph } from "./graph.js";
import { renameValues } from "./rename-values.js";

function graph(): Graph {
  const body = new GraphBuilder("then");
  body.add("Neg", ["x"], {}, "inner");
  body.output("inner");
  const g = new GraphBuilder("g");
  g.input("x", [4]);
  g.input("condition", [], "bool");
  g.add("If", ["condition"], { then_branch: { kind: "graph", value: body.build() } }, "y");
  g.output("y");
  return g.build();
}

test("a name changes at the door, in operators and in bodies", () => {
  const renamed = renameValues(
    graph(),
    new Map([
      ["x", "image"],
      ["y", "logits"],
    ]),
  );
  expect(renamed.inputs[0]?.name).toBe("image");
  expect(renamed.outputs[0]?.name).toBe("logits");
  const branch = renamed.nodes[0]?.attributes.get("then_branch");
  expect(branch?.kind === "graph" && branch.value.nodes[0]?.inputs).toEqual(["image"]);
});

test("two names can change places; two values cannot share one", () => {
  const swapped = renameValues(
    graph(),
    new Map([
      ["x", "y"],
      ["y", "x"],
    ]),
  );
  expect([swapped.inputs[0]?.name, swapped.outputs[0]?.name]).toEqual(["y", "x"]);
  expect(() => renameValues(graph(), new Map([["x", "y"]]))).toThrow('value "y"');
  expect(() => renameValues(graph(), new Map([["ghost", "z"]]))).toThrow('value "ghost"');
});
