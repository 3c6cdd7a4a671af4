import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { inferShapes } from "../infer-shapes.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { lowerEinsums } from "./lower-einsums.js";

const sizes: Readonly<Record<string, number>> = { b: 2, t: 3, s: 4, i: 5, m: 6 };

/** The definition: the sum over all labels, term by term. */
function einsum(equation: string, inputs: readonly { readonly data: ArrayLike<number | bigint> }[]): number[] {
  const [left, right] = equation.split("->");
  const terms = left.split(",");
  const labels = [...new Set(left.replaceAll(",", ""))];
  const out = Array<number>([...right].reduce((size, label) => size * sizes[label], 1)).fill(0);
  const place = (term: string, at: ReadonlyMap<string, number>) =>
    [...term].reduce((offset, label) => offset * sizes[label] + (at.get(label) as number), 0);
  const visit = (rest: readonly string[], at: ReadonlyMap<string, number>): void => {
    if (rest.length > 0) {
      for (let i = 0; i < sizes[rest[0]]; i++) visit(rest.slice(1), new Map([...at, [rest[0], i]]));
      return;
    }
    out[place(right, at)] += terms.reduce((product, term, k) => product * Number(inputs[k].data[place(term, at)]), 1);
  };
  visit(labels, new Map());
  return out;
}

test.each([
  ["bti,mi->btm", ["Transpose", "MatMul"]],
  ["mi,bti->btm", ["Transpose", "MatMul"]],
  ["bti,mi->bmt", ["Transpose", "Transpose", "MatMul"]],
  ["bti,im->btm", ["MatMul"]],
  ["bti,bsi->bts", ["Transpose", "MatMul"]],
  ["bin,bim->bnm".replaceAll("n", "t"), ["Transpose", "MatMul"]],
  ["bti,bi->bt", ["Unsqueeze", "Mul", "ReduceSum"]],
  ["bi,bti->bt", ["Unsqueeze", "Mul", "ReduceSum"]],
  ["bti,bti->bt", ["Mul", "ReduceSum"]],
  ["bti,bsi->b", ["ReduceSum", "ReduceSum", "Mul", "ReduceSum"]],
  ["bti->ibt", ["Transpose"]],
  ["bti->b", ["ReduceSum"]],
])("%s", (equation, ops) => {
  const g = new GraphBuilder("einsum");
  const terms = equation.split("->")[0].split(",");
  const feeds = new Map(terms.map((term, k) => [`x${k}`, ramp(...[...term].map((label) => sizes[label]))]));
  for (const [name, { dims }] of feeds) g.input(name, dims);
  g.output(g.add("Einsum", [...feeds.keys()], { equation }, "y"));
  const lowered = lowerEinsums.apply(g.build());
  expect(opsOf(lowered).toSorted()).toEqual([...ops].toSorted());
  const value = interpret(lowered, feeds).get("y");
  expect(value?.dims).toEqual(inferShapes(g.build()).get("y")?.shape);
  const expected = einsum(equation, [...feeds.values()]);
  for (const [i, x] of expected.entries()) expect(value?.data[i]).toBeCloseTo(x, 3);
});

test.each(["...i,mi->...m", "bti,bsi,bi->bts", "bii->bi", "bti,ms->btms"])("%s stays an Einsum", (equation) => {
  const g = new GraphBuilder("einsum");
  const terms = equation.split("->")[0].split(",");
  const names = terms.map((term, k) =>
    g.input(
      `x${k}`,
      [...term.replace("...", "bt")].map((label) => sizes[label]),
    ),
  );
  g.output(g.add("Einsum", names, { equation }, "y"));
  const graph = g.build();
  expect(lowerEinsums.apply(graph)).toBe(graph);
});

test("a label of size 1 beside a larger one broadcasts, and stays an Einsum", () => {
  const g = new GraphBuilder("einsum");
  g.output(g.add("Einsum", [g.input("a", [2, 3]), g.input("b", [1, 4])], { equation: "ij,ik->jk" }, "y"));
  const graph = g.build();
  expect(lowerEinsums.apply(graph)).toBe(graph);
});
