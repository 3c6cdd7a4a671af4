import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { MeasuredEstimate } from "./estimate-config.js";

const program = join(import.meta.dirname, "../../bin/quee.mjs");

function dryRun(...args: readonly string[]) {
  const cwd = mkdtempSync(join(tmpdir(), "quee-dry-"));
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, stdout } = spawnSync(process.execPath, [program, ...args, "--dry-run"], {
    cwd,
    env,
    encoding: "utf8",
  });
  return { status, stdout, cwd };
}

test("a dry run tells time, memory and disk of the stages that are to do, and makes no run", () => {
  const { status, stdout, cwd } = dryRun("stage", "collect", "synthetic-digits", "--json");
  expect(status).toBe(0);
  const { toDo, estimate } = JSON.parse(stdout) as { toDo: string[]; estimate: MeasuredEstimate };
  expect(toDo).toEqual(["prepare", "train-heads", "quantize-blocks", "collect"]);
  expect(estimate.stages.map(({ name }) => name)).toEqual(toDo.slice(1));
  // 4 levels and 3 exits: 4 + 10 + 20 paths, of 10 classes.
  expect(estimate).toMatchObject({ pathCount: 34, bytesPerImageAndPath: 40 });
  expect(estimate.macsPerSecond).toBeGreaterThan(1e7);
  expect(estimate.seconds).toBeGreaterThan(1);
  expect(readdirSync(join(cwd, "runs"))).toEqual([".cache"]);
});

test("a first gate that is fixed asks for fewer paths", () => {
  const { status, stdout } = dryRun("stage", "collect", "synthetic-digits", "paths.first=highest", "--json");
  expect(status).toBe(0);
  // 1 + 4 + 10
  expect(JSON.parse(stdout).estimate).toMatchObject({ pathCount: 15 });
});

test("people read it as lines", () => {
  const { stdout } = dryRun("run", "synthetic-digits");
  expect(stdout).toMatch(/collect +[\d:]+( s)? +[\d.]+ [MG]iB memory +[\d.]+ MiB disk/);
  expect(stdout).toMatch(/tables: 40 bytes for each image and each of 34 paths/);
});
