#!/usr/bin/env node
// `pnpm bench`: every suite of the workspace, one after the other, and what they compared as bench-results/parts.{md,json}.
// Arguments go to turbo: `pnpm bench --filter @quee/training` measures one package.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { arch, availableParallelism, cpus } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const folder = join(root, "bench-results");
const lines = join(folder, "comparisons.jsonl");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);

const env = {
  ...process.env,
  // Data folders are given relative to where the command is typed, and suites run in the folders of their packages.
  ...Object.fromEntries(
    ["QUEE_DATA", "QUEE_MODELS"].filter((name) => process.env[name]).map((name) => [name, resolve(process.env[name])]),
  ),
  QUEE_BENCH_OUT: lines,
};
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
// One suite that fails does not hide the others.
const turbo = ["turbo", "run", "bench", "--concurrency=1", "--continue", ...process.argv.slice(2)];
const { status, error } = spawnSync("npx", ["--yes", packageManager, "exec", ...turbo], {
  cwd: root,
  env,
  stdio: "inherit",
  // Windows finds npx by its shell only.
  shell: process.platform === "win32",
});
if (error) throw error;

if (existsSync(lines)) {
  const { comparisonTable } = await import("../testing/dist/index.js");
  const comparisons = readFileSync(lines, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .sort((a, b) => (a.part < b.part ? -1 : a.part > b.part ? 1 : 0));
  const machine = {
    node: process.version,
    platform: `${process.platform} ${arch()}`,
    cpu: cpus()[0]?.model ?? "",
    cores: availableParallelism(),
  };
  const words = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.platform}. Medians (quartiles) of runs in turn; the plain variant first.`;
  writeFileSync(join(folder, "parts.json"), `${JSON.stringify({ machine, comparisons }, null, 2)}\n`);
  writeFileSync(join(folder, "parts.md"), `${words}\n\n${comparisonTable(comparisons)}\n`);
  console.log(`\n${readFileSync(join(folder, "parts.md"), "utf8")}\nbench-results/parts.md, bench-results/parts.json`);
}
process.exit(status ?? 1);
