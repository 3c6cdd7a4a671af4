import { pretrain } from "./dist/pretrain/pretrain.js";

const c = new AbortController();
process.on("SIGINT", () => c.abort(new Error("stop")));
await pretrain({
  config: process.argv[2],
  overrides: process.argv.slice(4),
  threads: 2,
  isDryRun: false,
  isJson: false,
  isResume: false,
  out: process.argv[3],
  signal: c.signal,
});
