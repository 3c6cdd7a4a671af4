import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { renderDigit } from "@quee/datasets";
import { imageDataUri } from "@quee/report";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "quee-image-folder-"));
afterAll(() => rmSync(root, { recursive: true }));
const program = fileURLToPath(new URL("../../bin/quee.mjs", import.meta.url));

test("a folder of images goes through a whole experiment", { timeout: 180_000 }, () => {
  for (const [part, seed, count] of [
    ["train", 1, 90],
    ["test", 2, 40],
  ] as const) {
    for (let i = 0; i < count; i++) {
      const { image, label } = renderDigit(seed, "train", i);
      const folder = join(root, "data", "digits", part, String(label));
      mkdirSync(folder, { recursive: true });
      const [, png = ""] = imageDataUri(image, 32, 32).split(",");
      writeFileSync(join(folder, `${i}.png`), Buffer.from(png, "base64"));
    }
  }
  const dataset =
    "{name: images, root: digits, train: {folder: train}, validation: {fromTrain: 30}, test: {folder: test}}";
  const small = [
    "calibration.images=16",
    "heads.maxEpochs=1",
    "gates.maxEpochs=1",
    "clusters.count=4",
    "live.images=16",
  ];
  const args = [
    "run",
    "synthetic-digits",
    `dataset=${dataset}`,
    ...small,
    "levels=[8,6]",
    "quantizer={method: min-max}",
  ];
  execFileSync(process.execPath, [program, ...args, "--out", "run"], {
    cwd: root,
    env: { ...process.env, QUEE_DATA: join(root, "data"), QUEE_MODELS: join(root, "no-models") },
    stdio: "pipe",
  });
  const results = JSON.parse(readFileSync(join(root, "run", "results.json"), "utf8"));
  expect(results).toMatchObject({
    dataset: "images",
    splits: { train: 60, validation: 30, calibration: 16, test: 40 },
  });
  // The network was trained for such digits: a wrong order of pixels or labels would leave it guessing.
  expect(results.backbone.top1).toBeGreaterThan(0.5);
  expect(results.classes.names).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
});
