import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configsFolder as folder } from "../bundled.js";
import { differences } from "./differences.js";
import { bundledConfigs, ConfigErrors, loadConfig } from "./load-config.js";

const bundled = readFileSync(join(folder, "synthetic-digits.yaml"), "utf8");

function written(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "quee-config-")), "mine.yaml");
  writeFileSync(file, text);
  return file;
}

function problemsOf(text: string): readonly string[] {
  try {
    loadConfig(written(text), [], folder);
  } catch (error) {
    if (error instanceof ConfigErrors) return error.errors.map(({ message }) => message);
    throw error;
  }
  return [];
}

test.each(bundledConfigs(folder))("the bundled config %s is valid and named after its file", (name) => {
  expect(loadConfig(name, [], folder).config.name).toBe(name);
});

test("all problems come at once, each with line, field, expectation and finding", () => {
  const problems = problemsOf(
    bundled
      .replace("heads: {", "heads: { maxEpoch: 3,")
      .replace("levels: [8, 6, 5, 4]", "levels: [9, 6]")
      .replace("exits: [2, 3, 6]", "exits: [4, 2]"),
  );
  expect(problems).toHaveLength(3);
  expect(problems.join("\n")).toMatch(/mine\.yaml: \d+:\d+: levels\[0\]: expected at most 8, got 9/);
  expect(problems.join("\n")).toMatch(/exits: expected ascending layers, got \[4,2\]/);
  expect(problems.join("\n")).toMatch(/heads\.maxEpoch: .*got unknown key "maxEpoch"\. Did you mean maxEpochs\?/);
});

test("a first gate that chooses needs a stem at the bits of block 1, since that is how costs count it", () => {
  const { config } = loadConfig("synthetic-digits", [], folder);
  expect(config.paths).toEqual({ order: "monotone", first: "chosen" });
  expect(() => loadConfig("synthetic-digits", ["quantizer.stem=highest"], folder)).toThrow(
    /quantizer\.stem: expected levels, where paths\.first is chosen; paths\.first=highest allows any, got "highest"/,
  );
  expect(() => loadConfig("synthetic-digits", ["paths.first=lowest"], folder)).toThrow(/one of highest, chosen/);
});

test("the costs that λ weighs are those of a model, and where they are not said they are the ones that count", () => {
  expect(loadConfig("synthetic-digits", [], folder).config.cost).toEqual({ model: "with-stem" });
  const { config } = loadConfig("synthetic-digits", ["preset=paper"], folder);
  expect(config.cost).toEqual({ model: "with-stem", routing: "blocks-only" });
  expect(() => loadConfig("synthetic-digits", ["cost.routing=free"], folder)).toThrow(/cost\.routing: expected one of/);
});

test("a mistyped name of a config is answered with the nearest one", () => {
  expect(() => loadConfig("sintetic-digits", [], folder)).toThrow(/Did you mean synthetic-digits\?/);
});

test.each([
  ["a syntax error", "schemaVersion: [1", /^mine\.yaml: \d+:\d+: expected YAML/],
  [
    "a key that stands twice",
    `${bundled}\nseed: 1\nseed: 2\n`,
    /^mine\.yaml: \d+:\d+: expected YAML, got Map keys must be unique/,
  ],
  ["an empty file", "", /config: expected object, got null/],
])("%s is told with its place", (_, text, expected) => {
  expect(problemsOf(text)[0]).toMatch(expected);
});

test("aliases that multiply are refused, not followed", () => {
  const levels = Array.from({ length: 12 }, (_, i) => `k${i + 1}: &k${i + 1} [${Array(9).fill(`*k${i}`).join(", ")}]`);
  expect(() => loadConfig(written(["k0: &k0 [x]", ...levels].join("\n")), [], folder)).toThrow(
    /expected YAML, got Excessive alias count/,
  );
});

test("the prototype of objects is out of reach for keys of a config", () => {
  expect(problemsOf(`${bundled}\n__proto__: { polluted: true }\n`).length).toBeGreaterThan(0);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("key=value replaces a value, inside of others too, and changes the hash", () => {
  const plain = loadConfig("synthetic-digits", [], folder);
  const changed = loadConfig("synthetic-digits", ["heads.maxEpochs=3", "seed=7"], folder);
  expect(changed.config.heads.maxEpochs).toBe(3);
  expect(changed.config.seed).toBe(7);
  expect(changed.hash).not.toBe(plain.hash);
  expect(loadConfig("synthetic-digits", [], folder).hash).toBe(plain.hash);
  expect(() => loadConfig("synthetic-digits", ["heads"], folder)).toThrow(/expected key=value/);
  expect(() => loadConfig("synthetic-digits", ["heads.maxEpochs=[1"], folder)).toThrow(
    /override heads\.maxEpochs: expected a YAML value/,
  );
});

test.each([
  ["data_batch_1.bin}", /test\.files: expected records that train does not have/],
  ["data_batch_5.bin, from: 9000, count: 10}", /test\.files: expected records that validation does not have/],
])("records that are trained or chosen on are not tested on: {file: %s", (file, message) => {
  expect(() => loadConfig("cifar10-t2t-vit-7", [`dataset.test.files=[{file: ${file}]`], folder)).toThrow(message);
});

test("other records of the same file may be tested on", () => {
  const files = "dataset.test.files=[{file: data_batch_5.bin, from: 0, count: 5000}]";
  expect(loadConfig("cifar10-t2t-vit-7", [files], folder).config.dataset.name).toBe("cifar10");
});

test("how a backbone was trained is no part of a run of it", () => {
  const run = loadConfig("synthetic-digits", [], folder);
  expect(run.config.pretrain).toBeUndefined();
  expect(loadConfig("synthetic-digits", ["pretrain.steps=3"], folder).hash).toBe(run.hash);
  expect(loadConfig("synthetic-digits", [], folder, { keepTraining: true }).config.pretrain).toBeDefined();
});

test("two configs are compared value by value", () => {
  expect(differences("a: 1\nb: { c: [1, 2] }\n", "a: 1\nb: { c: [1, 3] }\nd: x\n")).toEqual([
    "b.c.1: 2 → 3",
    'd: nothing → "x"',
  ]);
});
