import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModel } from "@quee/onnx-codec";
import { buildVit } from "@quee/vit-architectures";
import { beforeAll, describe, expect, test } from "vitest";

// The built program on a network with random weights: what is right is not asked, what happens is.
const program = join(import.meta.dirname, "../../bin/quee.mjs");
const folder = mkdtempSync(join(tmpdir(), "quee-analyse-"));
const run = join(folder, "runs", "one");

function quee(...args: readonly string[]) {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...env, QUEE_MODELS: join(folder, "models"), QUEE_DATA: join(folder, "data") },
  });
  return { status, stdout, stderr };
}

beforeAll(() => {
  const model = join(folder, "models", "tiny");
  mkdirSync(model, { recursive: true });
  const size = { imageSize: 32, patchSize: 8, width: 24, depth: 2, heads: 2, mlpRatio: 2, classCount: 10, seed: 5 };
  writeFileSync(join(model, "model.onnx"), encodeModel(buildVit(size)));
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
levels: [8, 5]
calibration: { images: 20 }
quantizer: { method: min-max }
heads: { maxEpochs: 2, batchSize: 32 }
clusters: { count: 4, restarts: 2 }
gates: { maxEpochs: 2, batchSize: 32 }
live: { images: 0 }
`,
  );
  const made = quee("stage", "train-gates", "tiny.yaml", "--out", run, "--threads", "1");
  if (made.status !== 0) throw new Error(made.stderr);
}, 120_000);

const few = ["--seeds", "1", "--threads", "1", "--only", "classes,depth-and-width,cluster-boxes,certificate"];

describe("quee analyse", () => {
  test("says what it would do and does nothing", () => {
    const { status, stdout } = quee("analyse", run, ...few, "--dry-run", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      out: join(run, "analysis"),
      cached: [],
      toDo: ["classes", "depth-and-width", "cluster-boxes", "certificate"],
    });
    expect(existsSync(join(run, "analysis"))).toBe(false);
  });

  test("writes a page, and data, tables and figures of each analysis", () => {
    const { status, stdout, stderr } = quee("analyse", run, ...few, "--json");
    expect(stderr).not.toContain("error[");
    expect(status).toBe(0);
    const out = join(run, "analysis");
    expect(JSON.parse(stdout)).toMatchObject({ out, seeds: 1, analyses: [{ name: "classes" }, {}, {}, {}] });
    const page = readFileSync(join(out, "analysis.html"), "utf8");
    for (const name of ["classes", "depth-and-width", "cluster-boxes", "certificate"]) {
      expect(page).toContain(`<div id="${name}">`);
      expect(JSON.parse(readFileSync(join(out, `${name}.json`), "utf8"))).toMatchObject({ analysis: name });
    }
    expect(page).not.toMatch(/NaN|undefined/);
    expect(readFileSync(join(out, "classes-classes.csv"), "utf8").split("\r\n")).toHaveLength(12);
    expect(readdirSync(join(out, "figures"))).toContain("depth-and-width-curves.svg");
  }, 120_000);

  test("makes nothing again, and writes the same bytes", () => {
    const page = join(run, "analysis", "analysis.html");
    const before = readFileSync(page);
    const written = statSync(page).mtimeMs;
    const { stderr } = quee("analyse", run, ...few);
    expect(stderr.match(/cached/g)?.length).toBeGreaterThanOrEqual(8);
    expect(statSync(page).mtimeMs).toBeGreaterThan(written);
    expect(readFileSync(page).equals(before)).toBe(true);
  }, 60_000);

  test("refuses what is no run, and names analyses that it has not", () => {
    const nothing = quee("analyse", join(folder, "models"));
    expect(nothing.status).toBe(2);
    expect(nothing.stderr).toContain("config.resolved.yaml");
    const unknown = quee("analyse", run, "--only", "ablatoin");
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain("Did you mean ablation?");
  });
});
