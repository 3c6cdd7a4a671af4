import { bits, legalPaths, type PathSpace, type SplitRole } from "@quee/core";
import { createPathTable, type PathTable } from "@quee/path-tables";
import { expect, test } from "vitest";
import { assertTablesFit } from "./tables-fit.js";

const space: PathSpace = { levels: [bits(8), bits(6)], exitCount: 2, order: "monotone", firstBlock: "highest" };
const paths = legalPaths(space);

function tableOf<Role extends SplitRole>(role: Role, count: number): PathTable<Role> {
  const labels = new Int32Array(count);
  const probabilities = paths.map(() => new Float32Array(2 * count).fill(0.5));
  return createPathTable({ role, classCount: 2, labels, paths, probabilities });
}

const tables = { train: tableOf("train", 5), validation: tableOf("validation", 3), test: tableOf("test", 2) };
// 8, 8-8 and 8-6
const bytes = 10 * 3 * 2 * 4;

test("tables as large as memory are analysed, larger ones refused with the sum and a way out", () => {
  expect(() => assertTablesFit(tables, space, bytes)).not.toThrow();
  expect(() => assertTablesFit(tables, space, bytes - 1)).toThrow(
    /path tables: expected at most 1 MiB, got 1 MiB \(10 images × 3 paths × 2 classes × 4 bytes\)\. Analyse a run .* --memory/,
  );
});
