import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModel } from "@quee/onnx-codec";
import { buildVit } from "@quee/vit-architectures";

const program = join(import.meta.dirname, "../../bin/quee.mjs");
const config = `
schemaVersion: 1
name: tiny
dataset: { name: synthetic-digits, train: { count: 80 }, validation: { count: 60 }, test: { count: 50 } }
backbone: { model: tiny }
exits: [1, 2]
levels: [8, 5]
calibration: { images: 20 }
quantizer: { method: min-max }
heads: { maxEpochs: 2, batchSize: 32 }
clusters: { count: 4, restarts: 2 }
gates: { maxEpochs: 2, batchSize: 32 }
live: { images: 0 }
`;

/** The built program on a network with random weights: what is right is not asked, what happens is. */
export function tinyRun() {
  const folder = mkdtempSync(join(tmpdir(), "quee-analyse-"));
  const run = join(folder, "runs", "one");
  const environment = { QUEE_MODELS: join(folder, "models"), QUEE_DATA: join(folder, "data") };
  const quee = (...args: readonly string[]) => {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const options = { cwd: folder, encoding: "utf8", env: { ...env, ...environment } } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
    return { status, stdout, stderr };
  };
  /** All stages up to one. */
  const makeRun = (stage: string) => {
    const model = join(folder, "models", "tiny");
    mkdirSync(model, { recursive: true });
    const size = { imageSize: 32, patchSize: 8, width: 24, depth: 2, heads: 2, mlpRatio: 2, classCount: 10, seed: 5 };
    writeFileSync(join(model, "model.onnx"), encodeModel(buildVit(size)));
    const preprocessing = { do_resize: false, do_rescale: true, rescale_factor: 1 / 255, do_normalize: false };
    writeFileSync(join(model, "preprocessor_config.json"), JSON.stringify(preprocessing));
    writeFileSync(join(folder, "tiny.yaml"), config);
    const made = quee("stage", stage, "tiny.yaml", "--out", run, "--threads", "1");
    if (made.status !== 0) throw new Error(made.stderr);
  };
  return { folder, run, environment, quee, makeRun };
}
