#!/usr/bin/env node
// pnpm new-package NAME --layer 6 --description "…" [--uses core,tensor,onnx-session] [--external zod,pure-rand]
// Writes packages/NAME in the shape that every package has, and gives it its layer.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    layer: { type: "string" },
    description: { type: "string" },
    uses: { type: "string", default: "" },
    external: { type: "string", default: "" },
  },
});
const [name] = positionals;
if (!name || !/^[a-z][a-z0-9-]*$/.test(name) || values.layer === undefined || !values.description) {
  console.error('usage: pnpm new-package NAME --layer N --description "…" [--uses a,b] [--external c,d]');
  process.exit(2);
}
const folder = join(root, "packages", name);
if (existsSync(folder)) {
  console.error(`packages/${name} is there already`);
  process.exit(2);
}

const list = (text) => text.split(",").filter(Boolean).sort();
const uses = list(values.uses);
const manifest = {
  name: `@quee/${name}`,
  version: "0.1.0",
  description: values.description,
  license: "Apache-2.0",
  type: "module",
  sideEffects: false,
  engines: { node: ">=20.19" },
  exports: {
    ".": { "@quee/source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
  },
  files: ["dist", "src", "!**/*.test.*", "!**/*.bench.*", "!**/testing", "!dist/.tsbuildinfo"],
  scripts: {
    build: "tsc -b",
    typecheck: "tsc -b",
    lint: "biome check .",
    test: "vitest run --config ../../tooling/vitest/vitest.config.mjs",
    bench: "vitest bench --run --config ../../tooling/vitest/vitest.config.mjs",
  },
  dependencies: {
    ...Object.fromEntries(uses.map((used) => [`@quee/${used}`, "workspace:*"])),
    ...Object.fromEntries(list(values.external).map((used) => [used, "catalog:"])),
  },
  devDependencies: {
    "@biomejs/biome": "catalog:",
    "@fast-check/vitest": "catalog:",
    "@quee/tooling-testing": "workspace:*",
    "@types/node": "catalog:",
    "fast-check": "catalog:",
    typescript: "catalog:",
    vitest: "catalog:",
  },
};
const write = (file, text) => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
};
const references = [...uses.map((used) => ({ path: `../${used}` })), { path: "../../tooling/testing" }];
write("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
write("tsconfig.json", `${JSON.stringify({ extends: "../../tsconfig.base.json", references }, null, 2)}\n`);
write("src/index.ts", "export {};\n");
write("README.md", `# @quee/${name}\n\n${values.description}\n`);

const layersFile = join(root, "tooling/boundaries/layers.json");
const layers = JSON.parse(readFileSync(layersFile, "utf8"));
layers.layers[name] = Number(values.layer);
writeFileSync(layersFile, `${JSON.stringify(layers, null, 2)}\n`);
const solution = join(root, "tsconfig.json");
const projects = JSON.parse(readFileSync(solution, "utf8"));
projects.references.push({ path: `packages/${name}` });
writeFileSync(solution, `${JSON.stringify(projects, null, 2)}\n`);
console.log(`packages/${name} written: run pnpm install, then write src/ and README.md`);
