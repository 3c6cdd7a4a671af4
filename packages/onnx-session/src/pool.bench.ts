import { bench, describe } from "vitest";
import { matMulGraph, randomBatch } from "./graphs.test.helper.js";
import { openPool } from "./index.js";

/** 16 products of [256, 512]·[512, 512]: about 2 GFLOP. */
describe("16 runs of a matrix product", async () => {
  const x = randomBatch(256, 512, 1);
  for (const workers of [1, 2]) {
    const pool = await openPool({ workers });
    pool.register("model", matMulGraph(512, 1));
    const all = () => Promise.all(Array.from({ length: 16 }, () => pool.run("model", { x })));
    await all();
    bench(`${workers} worker${workers === 1 ? "" : "s"}`, async () => {
      await all();
    });
  }
});

describe("the price of a run that computes nothing", async () => {
  const x = randomBatch(1, 2, 1);
  const pool = await openPool({ workers: 1 });
  pool.register("model", matMulGraph(2, 1));
  bench("one run through the pool", async () => {
    await pool.run("model", { x });
  });
});
