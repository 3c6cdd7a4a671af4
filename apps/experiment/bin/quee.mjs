#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/cli/main.js", import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  console.error(
    "quee: error[E_NOT_BUILT]: dist: expected a build, got none. Run `npm run experiment`, or `pnpm build`",
  );
  process.exit(5);
}
await import(main.href);
