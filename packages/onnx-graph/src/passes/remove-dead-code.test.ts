import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { ramp } from "../interpret.test.support.js";
import { removeDeadCode } from "./remove-dead-code.js";

test("what no output needs goes, graph inputs stay", () => {
  const g = new GraphBuilder("dead");
  const x = g.input("x", [3]);
  g.input("unused", [3]);
  g.output(g.plus(x, g.initializer("used", ramp(3)), "y"));
  g.add("Exp", [g.times(x, g.initializer("idle", ramp(3)))]);
  const live = removeDeadCode.apply(g.build());
  expect(live.nodes.map(({ op }) => op)).toEqual(["Add"]);
  expect([...live.initializers.keys()]).toEqual(["used"]);
  expect(live.inputs.map(({ name }) => name)).toEqual(["x", "unused"]);
  expect(removeDeadCode.apply(live)).toBe(live);
});

test("what only a body reads is alive", () => {
  const body = new GraphBuilder("then");
  body.output(body.add("Neg", ["inner"], {}, "negated"));
  const g = new GraphBuilder("outer");
  g.add("Exp", [g.input("x", [3])], {}, "inner");
  const condition = g.input("condition", [], "bool");
  g.output(g.add("If", [condition], { then_branch: { kind: "graph", value: body.build() } }));
  expect(removeDeadCode.apply(g.build()).nodes.map(({ op }) => op)).toEqual(["Exp", "If"]);
});
