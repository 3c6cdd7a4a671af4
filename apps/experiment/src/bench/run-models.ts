import { readFileSync } from "node:fs";
import { decodeModel } from "@quee/onnx-codec";
import { GraphBuilder } from "@quee/onnx-graph";
import { openPool } from "@quee/onnx-session";
import { zeros } from "@quee/tensor";

// A program of its own: opens the ONNX files that it is given in one worker, runs each at batch 32, and prints by how many bytes its
// resident memory grew at most.
const batchSize = 32;
const rounds = 3;

const pool = await openPool({ workers: 1 });
const empty = new GraphBuilder("nothing");
empty.output(empty.add("Identity", [empty.input("x", [1])]));
pool.register("nothing", empty.build());
// The worker and onnxruntime itself are no part of a model.
await pool.run("nothing", { x: zeros([1]) });

const before = process.memoryUsage.rss();
let most = before;
const sample = () => {
  most = Math.max(most, process.memoryUsage.rss());
};
const timer = setInterval(sample, 5);
const runs = process.argv.slice(2).map((file) => {
  const bytes = new Uint8Array(readFileSync(file));
  pool.register(file, bytes);
  const [input] = decodeModel(bytes, { file }).inputs;
  const shape = (input?.shape ?? []).map((dim) => (typeof dim === "number" ? dim : batchSize));
  return () => pool.run(file, { [input?.name ?? ""]: zeros(shape) });
});
for (let round = 0; round < rounds; round++) {
  for (const run of runs) {
    await run();
    sample();
  }
}
clearInterval(timer);
await pool.close();
console.log(JSON.stringify({ growthBytes: most - before }));
