import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = join(import.meta.dirname, "../../bin/quee.mjs");
const config = `
schemaVersion: 1
name: small
dataset: { name: synthetic-digits, train: { count: 120 }, validation: { count: 80 }, test: { count: 60 } }
backbone: { model: synthetic-digits }
exits: [2, 6]
levels: [8, 5]
quantizer: { method: min-max }
calibration: { images: 24 }
heads: { maxEpochs: 2, batchSize: 32, logits: plain }
clusters: { count: 4, restarts: 2 }
gates: { maxEpochs: 2, batchSize: 32 }
paths: { first: highest }
live: { images: 0 }
`;

/** The built program, as users run it, on the bundled network and few images, in a folder of its own. */
export function smallRun() {
  const folder = mkdtempSync(join(tmpdir(), "quee-small-run-"));
  const run = join(folder, "runs", "one");
  const quee = (...args: readonly string[]) => {
    const { NODE_OPTIONS: _, QUEE_DATA: __, QUEE_MODELS: ___, ...env } = process.env;
    return spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: "utf8", env });
  };
  const makeRun = (...overrides: readonly string[]) => {
    writeFileSync(join(folder, "small.yaml"), config);
    const { status, stderr } = quee("run", "small.yaml", ...overrides, "--out", run, "--threads", "1");
    if (status !== 0) throw new Error(stderr);
  };
  return { folder, run, quee, makeRun };
}
