import { QueeError } from "@quee/core";
import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.js";
import { type GraphPass, runPasses } from "./graph-pass.js";

const g = new GraphBuilder("g");
g.output(g.add("Relu", [g.input("x", [3])], {}, "y"));
const graph = g.build();

test("passes run in order", () => {
  const rename = (suffix: string): GraphPass => ({ name: suffix, apply: (h) => ({ ...h, name: h.name + suffix }) });
  expect(runPasses(graph, [rename("a"), rename("b")]).name).toBe("gab");
});

test.each<[string, Partial<GraphPass>, string]>([
  ["that needs what is not there", { requires: () => "no Conv" }, "expected its requirements, got no Conv"],
  ["that breaks the graph", { apply: (h) => ({ ...h, nodes: [] }) }, 'output "y"'],
  ["that does not do what it says", { apply: (h) => ({ ...h }), ensures: () => "a Relu" }, "expected what it ensures"],
])("a pass %s is a bug that names it", (_, pass, message) => {
  const run = () => runPasses(graph, [{ name: "the pass", apply: (h) => h, ...pass }]);
  expect(run).toThrow(QueeError);
  expect(run).toThrow('pass "the pass"');
  expect(run).toThrow(message);
});
