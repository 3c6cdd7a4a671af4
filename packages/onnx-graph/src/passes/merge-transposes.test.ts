import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { interpret, ramp } from "../interpret.test.support.js";
import { mergeTransposes } from "./merge-transposes.js";

test("a Transpose behind a Transpose is one with the same outcome", () => {
  const g = new GraphBuilder("twice");
  g.output(g.transpose(g.transpose(g.input("x", [2, 3, 4]), [1, 2, 0]), [2, 1, 0], "y"));
  const merged = mergeTransposes.apply(g.build());
  expect(merged.nodes.at(-1)?.inputs).toEqual(["x"]);
  const feeds = new Map([["x", ramp(2, 3, 4)]]);
  expect(interpret(merged, feeds).get("y")).toEqual(interpret(g.build(), feeds).get("y"));
});
