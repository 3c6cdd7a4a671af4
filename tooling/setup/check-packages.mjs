#!/usr/bin/env node
// Packs every package; publint and attw read the tarballs; then each tarball is installed with its dependency closure into an
// empty project, and the example of its README runs there.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const work = mkdtempSync(join(tmpdir(), "quee-packages-"));
const tarballs = join(work, "tarballs");
mkdirSync(tarballs);
const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" };
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

const names = process.argv.length > 2 ? process.argv.slice(2) : readdirSync(join(root, "packages")).sort();
const manifests = new Map();
let failures = 0;
try {
  for (const name of readdirSync(join(root, "packages"))) {
    const folder = join(root, "packages", name);
    run("npx", ["--yes", packageManager, "pack", "--pack-destination", tarballs], folder);
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    manifests.set(manifest.name, { ...manifest, tarball: join(tarballs, `quee-${name}-${manifest.version}.tgz`) });
  }
  for (const name of names) check(name);
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`packages: ${names.length - failures} passed, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);

/** Workspace packages that a package needs, itself included. */
function closure(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const used of Object.keys(manifests.get(name).dependencies ?? {})) {
    if (manifests.has(used)) closure(used, found);
  }
  return found;
}

function check(name) {
  const scoped = `@quee/${name}`;
  try {
    const { tarball } = manifests.get(scoped);
    run("npx", ["publint", "run", tarball, "--strict"], root);
    run("npx", ["attw", tarball, "--profile", "esm-only"], root);
    const project = join(work, name);
    mkdirSync(project);
    const files = Object.fromEntries([...closure(scoped)].map((used) => [used, `file:${manifests.get(used).tarball}`]));
    writeFileSync(
      join(project, "package.json"),
      // Overrides: a tarball asks for its neighbours by version, which no registry has.
      JSON.stringify({ name: "empty", version: "1.0.0", type: "module", dependencies: files, overrides: files }),
    );
    run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"], project);
    writeFileSync(join(project, "example.mjs"), exampleOf(name));
    const printed = run(process.execPath, ["example.mjs"], project).trim();
    if (printed === "") throw new Error("the example prints nothing");
    console.log(`${scoped}: installs alone, its example prints:\n${printed.replace(/^/gm, "    ")}`);
  } catch (error) {
    failures++;
    console.error(`${scoped}: FAILED\n${error.stdout ?? ""}${error.stderr ?? ""}${error.message}`);
  }
}

function exampleOf(name) {
  const readme = readFileSync(join(root, "packages", name, "README.md"), "utf8");
  const block = /```(?:ts|js)\n([\s\S]*?)\n```/.exec(readme);
  if (block === null) throw new Error("README.md has no example");
  return block[1];
}
