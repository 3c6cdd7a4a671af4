import { expect, test } from "vitest";
import { withPreset } from "../config/presets.js";
import { configSchema } from "../config/schema.js";
import { changes } from "./changes.js";
import { letterOf, recipeOf } from "./presets.js";
import { changed, together } from "./recipe.js";

const config = configSchema.parse({
  schemaVersion: 1,
  name: "tiny",
  dataset: { name: "synthetic-digits", train: { count: 10 }, validation: { count: 10 }, test: { count: 10 } },
  backbone: { model: "tiny" },
  exits: [1, 2],
  levels: [8, 6],
  heads: { logits: "affine" },
  clusters: { count: 7, shrinkage: 2 },
  gates: { hidden: 24, targets: "mixed", images: "held-out", loss: "bce", features: "both" },
});
const known = { ...config, levels: [8, 6] };

test("a run's recipe is what its config says", () => {
  expect(recipeOf(known)).toMatchObject({
    ...{ targets: "mixed", images: "held-out", loss: "bce", features: "both", routingCost: "with-stem" },
    ...{ heads: "as-trained", logits: "affine" },
    cells: { count: 7, restarts: 10, initialization: "random", shrinkage: 2 },
    network: { reading: "A", embedding: 8, hidden: 24, learningRate: 1e-3 },
  });
});

test("the letter keeps the sizes of the config and undoes what goes past the paper", () => {
  expect(letterOf(known)).toMatchObject({
    ...{ targets: "cells", images: "train", loss: "mse", features: "equation-13", routingCost: "blocks-only" },
    ...{ logits: "plain", calibration: "none", planning: "whole-paths" },
    cells: { count: 7, shrinkage: 0 },
    network: { hidden: 24 },
  });
});

test("a run with the preset of the paper does what the letter says", () => {
  const { heads: _, clusters: __, gates: ___, cost: ____, ...rest } = config;
  const paper = configSchema.parse(withPreset({ ...rest, preset: "paper" }));
  const own = recipeOf({ ...paper, levels: [8, 6] });
  expect(own).toEqual(letterOf({ ...configSchema.parse(rest), levels: [8, 6] }));
  expect(recipeOf({ ...paper, levels: [8, 6], cost: { model: "with-stem" } }).routingCost).toBe("with-stem");
});

test("changes reach inside and leave the rest", () => {
  const letter = letterOf(known);
  const both = together([
    { cells: { shrinkage: 1 }, network: { hidden: 4 } },
    { loss: "bce", network: { reading: "B" } },
    { network: { hidden: 5 } },
  ]);
  const recipe = changed(letter, both);
  expect(recipe.cells).toEqual({ ...letter.cells, shrinkage: 1 });
  expect(recipe.network).toEqual({ ...letter.network, hidden: 5, reading: "B" });
  expect(recipe.loss).toBe("bce");
  expect(recipe.targets).toBe("cells");
});

test("every row of the ablation changes something, and has a name of its own", () => {
  const letter = letterOf(known);
  for (const { change } of changes) expect(changed(letter, change)).not.toEqual(letter);
  const names = changes.map(({ name }) => name);
  expect(new Set(names).size).toBe(changes.length);
  for (const { name, against = name } of changes) expect(names).toContain(against);
});
