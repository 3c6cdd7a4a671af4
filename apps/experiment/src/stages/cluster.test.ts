import { expect, test } from "vitest";
import { madeUpTable } from "../methods/made-up-tables.test.fixture.js";
import { clusteredImages } from "./cluster.js";

const table = madeUpTable("validation", 40, (i) => i % 3 > 0);

test("cells are fitted on as many images as asked for, the same ones for a seed and others for another", () => {
  const labelsOf = (seed: number) => [...clusteredImages(table, 15, seed).labels];
  expect(labelsOf(1)).toHaveLength(15);
  expect(labelsOf(1)).toEqual(labelsOf(1));
  expect(labelsOf(1)).not.toEqual(labelsOf(2));
});

test("cells are fitted on all images where nothing is asked for, or more than there are", () => {
  expect(clusteredImages(table, undefined, 0)).toBe(table);
  expect(clusteredImages(table, 41, 0)).toBe(table);
});
