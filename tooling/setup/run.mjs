#!/usr/bin/env node
// `npm run experiment` and `npm test`, on a machine that has nothing but Node and the npm registry:
// installs with the pinned pnpm, builds, then does what was asked.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const [job, ...rest] = process.argv.slice(2);
const jobs = {
  experiment: () => run(process.execPath, ["apps/experiment/bin/quee.mjs", "run", "synthetic-digits", ...rest]),
  test: () => pnpm("exec", "turbo", "run", "test", "--concurrency=2", ...rest),
};
if (!Object.hasOwn(jobs, job)) fail(`usage: run.mjs ${Object.keys(jobs).join(" | ")}`, 2);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`quee: error[E_NODE]: node: expected 20.19 or newer, got ${process.versions.node}`, 5);
}

const env = {
  ...process.env,
  // Data folders are given relative to where the command is typed, and tests run in the folders of their packages.
  ...Object.fromEntries(
    ["QUEE_DATA", "QUEE_MODELS", "QUEE_REFERENCE"]
      .filter((name) => process.env[name])
      .map((name) => [name, resolve(process.env[name])]),
  ),
  TURBO_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  // The CPU library ships inside the package; the install script would fetch CUDA files.
  ONNXRUNTIME_NODE_INSTALL: "skip",
};
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

// Ctrl-C is for the program that runs: it says how to go on.
process.on("SIGINT", () => {});
pnpm("install", "--frozen-lockfile");
pnpm("exec", "turbo", "run", "build", "--output-logs=errors-only");
jobs[job]();

function pnpm(...args) {
  // Windows finds npx by its shell only.
  run("npx", ["--yes", packageManager, ...args], process.platform === "win32");
}

function run(command, args, shell = false) {
  const { status, error, signal } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: "inherit",
    shell,
  });
  if (error) fail(`quee: error[E_SPAWN]: ${command}: ${error.message}`, 5);
  if (signal) process.kill(process.pid, signal);
  if (status !== 0) process.exit(status ?? 1);
}

function fail(message, code) {
  console.error(message);
  process.exit(code);
}
