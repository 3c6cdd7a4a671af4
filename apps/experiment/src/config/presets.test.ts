import { expect, test } from "vitest";
import { presetNames, withPreset } from "./presets.js";
import { configSchema } from "./schema.js";

const config = {
  schemaVersion: 1,
  name: "tiny",
  dataset: { name: "synthetic-digits", train: { count: 10 }, validation: { count: 10 }, test: { count: 10 } },
  backbone: { model: "tiny" },
  exits: [1],
  levels: [8],
};

test("a preset says what the config does not, and no more", () => {
  const paper = configSchema.parse(withPreset({ ...config, preset: "paper", clusters: { count: 5 } }));
  expect(paper.clusters).toMatchObject({ count: 5, shrinkage: 0 });
  expect(paper.cost).toEqual({ model: "with-stem", routing: "blocks-only" });
  expect(paper.paths.first).toBe("highest");
  const own = configSchema.parse(withPreset({ ...config, preset: "paper", clusters: { shrinkage: 3 } }));
  expect(own.clusters.shrinkage).toBe(3);
  const counted = configSchema.parse(withPreset({ ...config, preset: "paper", cost: { routing: "with-stem" } }));
  expect(counted.cost.routing).toBe("with-stem");
  expect(configSchema.parse(withPreset(config))).toEqual(configSchema.parse(config));
});

test.each(presetNames)("preset %s is one that the schema takes, and once resolved it stays", (preset) => {
  const resolved = configSchema.parse(withPreset({ ...config, preset }));
  expect(configSchema.parse(withPreset(resolved))).toEqual(resolved);
});

test("what is no preset, or no config, is left to the schema to refuse", () => {
  expect(configSchema.safeParse(withPreset({ ...config, preset: "beste" })).success).toBe(false);
  expect(configSchema.safeParse(withPreset({ ...config, preset: "paper", clusters: 3 })).success).toBe(false);
  expect(withPreset(null)).toBeNull();
});
