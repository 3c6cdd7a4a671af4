import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModel } from "@quee/onnx-codec";
import { buildVit } from "@quee/vit-architectures";
import { expect, test } from "vitest";

const program = join(import.meta.dirname, "../../bin/quee.mjs");

/** A network with random weights and a config that leaves the levels open. */
function workspace(): string {
  const folder = mkdtempSync(join(tmpdir(), "quee-levels-"));
  const model = join(folder, "models", "tiny");
  mkdirSync(model, { recursive: true });
  const shape = { imageSize: 32, patchSize: 8, width: 24, depth: 2, heads: 2, mlpRatio: 2, classCount: 10, seed: 5 };
  writeFileSync(join(model, "model.onnx"), encodeModel(buildVit(shape)));
  const preprocessing = { do_resize: false, do_rescale: true, rescale_factor: 1 / 255, do_normalize: false };
  writeFileSync(join(model, "preprocessor_config.json"), JSON.stringify(preprocessing));
  writeFileSync(
    join(folder, "tiny.yaml"),
    `
schemaVersion: 1
name: tiny
dataset: { name: synthetic-digits, train: { count: 80 }, validation: { count: 60 }, test: { count: 50 } }
backbone: { model: tiny }
exits: [1, 2]
levels: auto
calibration: { images: 8 }
heads: { maxEpochs: 1, batchSize: 32 }
clusters: { count: 4, restarts: 2 }
gates: { maxEpochs: 1, batchSize: 32 }
live: { images: 5, lambdas: [0.1] }
`,
  );
  return folder;
}

function quee(folder: string, ...args: readonly string[]) {
  const { NODE_OPTIONS: _, ...rest } = process.env;
  const env = { ...rest, QUEE_MODELS: join(folder, "models") };
  return spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: "utf8", env });
}

test("levels: auto chooses by validation accuracy, and says what it saw in the log, in a file and on the page", () => {
  const folder = workspace();
  expect(quee(folder, "stage", "train-heads", "tiny.yaml").status).toBe(0);
  const plan = quee(folder, "run", "tiny.yaml", "--dry-run", "--json");
  expect(JSON.parse(plan.stdout)).toMatchObject({ toDo: expect.arrayContaining(["quantize-blocks", "report"]) });
  const { status, stderr } = quee(folder, "run", "tiny.yaml");
  expect(stderr).not.toMatch(/error\[/);
  expect(status).toBe(0);
  const name = readdirSync(join(folder, "runs")).find((entry) => entry.startsWith("tiny-")) ?? "";
  const file = (entry: string) => readFileSync(join(folder, "runs", name, entry), "utf8");
  const { levels, floatTop1, seen } = JSON.parse(file("levels.json"));
  expect(JSON.parse(file("results.json")).backbone.levels).toEqual(levels);
  expect(seen[0]).toMatchObject({ bits: 8, stemBits: 8 });
  const words = `validation top-1 ${(100 * floatTop1).toFixed(1)} % in float, 8 bits `;
  expect(stderr).toContain(words);
  expect(file("report.html")).toContain(words);
});
