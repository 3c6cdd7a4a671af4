import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeModel, encodeModel } from "@quee/onnx-codec";
import type { Graph } from "@quee/onnx-graph";
import { buildVit } from "@quee/vit-architectures";
import { describe, expect, test } from "vitest";

// The built program, as users run it.
const program = join(import.meta.dirname, "../../bin/quee.mjs");
const pixels = { do_resize: false, do_rescale: true, rescale_factor: 1 / 255, do_normalize: false };
const training =
  "finetune.network={steps: 40, batchSize: 16, learningRate: 0.001, weightDecay: 0, warmupSteps: 0, labelSmoothing: 0, augmentation: {shift: 2}, evaluateEvery: 20}";

/** A ViT with 7 classes, where the digits have 10. */
function network(): Graph {
  const shape = { imageSize: 32, patchSize: 8, width: 24, depth: 2, heads: 2, mlpRatio: 2 };
  return buildVit({ ...shape, classCount: 7, seed: 5 });
}

function workspace(graph: Graph): string {
  const folder = mkdtempSync(join(tmpdir(), "quee-finetune-"));
  const model = join(folder, "models", "other");
  mkdirSync(model, { recursive: true });
  writeFileSync(join(model, "model.onnx"), encodeModel(graph));
  writeFileSync(join(model, "preprocessor_config.json"), JSON.stringify(pixels));
  writeFileSync(
    join(folder, "digits.yaml"),
    `
schemaVersion: 1
name: digits
dataset: { name: synthetic-digits, train: { count: 90 }, validation: { count: 40 }, test: { count: 20 } }
backbone: { model: mine }
exits: [1, 2]
levels: [8, 5]
finetune: { from: other, head: { maxEpochs: 3, batchSize: 32 } }
`,
  );
  return folder;
}

function environmentOf(folder: string): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return { ...env, QUEE_MODELS: join(folder, "models"), QUEE_DATA: join(folder, "data") };
}

function quee(folder: string, ...args: readonly string[]) {
  const options = { cwd: folder, encoding: "utf8", env: environmentOf(folder) } as const;
  return spawnSync(process.execPath, [program, ...args], options);
}

function modelOf(folder: string, name: string): Graph {
  return decodeModel(new Uint8Array(readFileSync(join(folder, "models", name, "model.onnx"))));
}

test("a transfer gives a new head, leaves every other weight, and the result runs", () => {
  const folder = workspace(network());
  const { status, stderr } = quee(folder, "finetune", "digits.yaml");
  expect(stderr).toMatch(/validation top-1/);
  expect(status).toBe(0);
  expect(readdirSync(join(folder, "models", "mine")).sort()).toEqual([
    ...["config.json", "model.onnx", "preprocessor_config.json"],
  ]);
  const [before, after] = [network(), modelOf(folder, "mine")];
  expect(after.outputs[0]?.shape).toEqual(["batch", 10]);
  for (const name of ["patch_embedding.weight", "blocks.1.mlp.fc2.weight", "norm.bias"]) {
    expect(after.initializers.get(name)?.data).toEqual(before.initializers.get(name)?.data);
  }
  expect(quee(folder, "stage", "prepare", "digits.yaml").status).toBe(0);
});

describe("training of all weights", () => {
  const folder = workspace(network());

  test("changes them", () => {
    expect(quee(folder, "finetune", "digits.yaml", training, "--out", "models/one").status).toBe(0);
    const name = "blocks.1.mlp.fc2.weight";
    const after = modelOf(folder, "one").initializers.get(name)?.data;
    expect(after).toHaveLength(network().initializers.get(name)?.data.length ?? 0);
    expect(after).not.toEqual(network().initializers.get(name)?.data);
  });

  test("that is stopped goes on from there, to the same bytes", async () => {
    const args = ["finetune", "digits.yaml", training, "--out", "models/two"];
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, env: environmentOf(folder) });
    const code = new Promise<number | null>((done) => child.on("exit", done));
    child.stderr.on("data", (text: Buffer) => {
      if (text.toString().includes("step 20")) child.kill("SIGINT");
    });
    expect(await code).toBe(130);
    expect(existsSync(join(folder, "models/two/model.onnx"))).toBe(false);
    const { stderr } = quee(folder, ...args);
    expect(stderr).toMatch(/goes on after step 2\d/);
    const [one, two] = ["one", "two"].map((name) => readFileSync(join(folder, "models", name, "model.onnx")));
    expect(two).toEqual(one);
  });
});

test("an operator without a gradient is named before anything is computed", () => {
  const graph = network();
  const [[stem = ""] = []] = graph.nodes.filter(({ outputs }) => outputs[0] === "stem").map(({ inputs }) => inputs);
  const at = graph.nodes.findIndex(({ outputs }) => outputs[0] === stem) + 1;
  const before = graph.nodes.slice(0, at);
  const after = graph.nodes
    .slice(at)
    .map((node) => ({ ...node, inputs: node.inputs.map((name) => (name === stem ? "whole" : name)) }));
  const ceil = { name: "ceil", op: "Ceil", domain: "", inputs: [stem], outputs: ["whole"], attributes: new Map() };
  const folder = workspace({ ...graph, nodes: [...before, ceil, ...after] });
  const { status, stderr } = quee(folder, "finetune", "digits.yaml", training);
  expect(stderr).toMatch(
    /other.model\.onnx: node "ceil" \(Ceil\): expected an operator with a rule of differentiation/,
  );
  expect(status).toBe(4);
  expect(existsSync(join(folder, "runs"))).toBe(false);
  // Its head alone can be trained.
  expect(quee(folder, "finetune", "digits.yaml").status).toBe(0);
});
