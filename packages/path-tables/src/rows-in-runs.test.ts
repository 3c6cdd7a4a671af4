import { byteSourceOf } from "@quee/artifacts";
import { bits, type PathSpace } from "@quee/core";
import { maxRows } from "@quee/tensor";
import { expect, test } from "vitest";
import { answersAlong } from "./answers.js";
import { encodeTablePart } from "./encode-part.js";
import { rowsInRuns, valuesAlong } from "./rows-in-runs.js";
import { openTableParts } from "./stored-table.js";
import { takeSamples } from "./take-samples.js";
import { randomTable } from "./testing/random-table.js";

const space: PathSpace = { levels: [bits(8), bits(6)], exitCount: 2, order: "monotone", firstBlock: "highest" };
const table = randomTable("test", { space, count: 50, classCount: 3, seed: 5 });
const sources = [0, 17, 34].map((from) => {
  const samples = Array.from({ length: Math.min(17, 50 - from) }, (_, i) => from + i);
  return byteSourceOf(`part ${from}`, Buffer.concat(encodeTablePart(takeSamples(table, samples), { from })));
});
const stored = {
  ...openTableParts(sources, "test", { cacheBytes: 0 }),
  probabilities: () => {
    throw new Error("a whole path");
  },
};

test("a table in files gives its rows part by part, one in memory all at once", () => {
  for (const path of table.paths) {
    const [all] = [...rowsInRuns(table, path)];
    expect(all.rows.data).toBe(table.probabilities(path));
    const parts = [...rowsInRuns(stored, path)];
    expect(parts.map(({ from, rows }) => [from, ...rows.shape])).toEqual([
      [0, 17, 3],
      [17, 17, 3],
      [34, 16, 3],
    ]);
    expect(parts.flatMap(({ rows }) => [...rows.data])).toEqual([...all.rows.data]);
  }
});

test("values and answers of a table in files are those of the table in memory", () => {
  for (const path of table.paths) {
    expect(valuesAlong(stored, path, maxRows)).toEqual(valuesAlong(table, path, maxRows));
    expect(valuesAlong(table, path, maxRows)).toEqual(maxRows([...rowsInRuns(table, path)][0].rows));
    expect(answersAlong(stored, path)).toEqual(answersAlong(table, path));
  }
});
