import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { column, plusGraph } from "./graphs.test.helper.js";
import { WorkerPool } from "./worker-pool.js";
import { spawnWorker } from "./worker-thread.js";

/** A pool whose first worker is this script and whose others are real. */
function poolWith(script: string, workers = 1): WorkerPool {
  let first = true;
  const pool = new WorkerPool(workers, 4, () => {
    if (!first) return spawnWorker({});
    first = false;
    return new Worker(script, { eval: true });
  });
  onTestFinished(() => pool.close());
  pool.register("plus", plusGraph(1));
  return pool;
}

const onMessage = (what: string) => `require("node:worker_threads").parentPort.on("message", () => { ${what} });`;

test.each([
  ["exits while it runs", onMessage("process.exit(3)"), "exit code 3"],
  ["throws while it runs", onMessage('throw new Error("out of order")'), "out of order"],
  ["throws when it starts", 'throw new Error("no native library")', "no native library"],
  ["ends when it starts", "", "exit code 0"],
])("a worker that %s rejects its run, naming the model, and the next run has a new worker", async (_, script, got) => {
  const pool = poolWith(script);
  const lost = pool.run("plus", { x: column(1) });
  const next = pool.run("plus", { x: column(2) });
  await expect(lost).rejects.toMatchObject({ kind: "environment", code: "E_WORKER_DIED", where: 'model "plus"', got });
  expect(await next).toEqual({ y: column(3) });
  expect(await pool.run("plus", { x: column(3) })).toEqual({ y: column(4) });
});

test("a run at hand whose feeds were given away is lost with its worker, one whose feeds were copied is not", async () => {
  const pool = poolWith(onMessage("process.exit(3)"));
  const lost = pool.run("plus", { x: column(1) });
  const given = pool.run("plus", { x: column(2) }, { transfer: true });
  await expect(lost).rejects.toMatchObject({ code: "E_WORKER_DIED", got: "exit code 3" });
  await expect(given).rejects.toMatchObject({ kind: "environment", code: "E_WORKER_DIED", where: 'model "plus"' });
  expect(await pool.run("plus", { x: column(3) })).toEqual({ y: column(4) });
});

test("a dead worker does not disturb the others", async () => {
  const pool = poolWith(onMessage("process.exit(1)"), 2);
  const results = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => pool.run("plus", { x: column(i) })));
  expect(results.map(({ status }) => status).filter((status) => status === "rejected")).toHaveLength(1);
  results.forEach((result, i) => {
    if (result.status === "fulfilled") expect(result.value).toEqual({ y: column(i + 1) });
  });
});

test("a worker that dies with nothing to do is replaced when there is", async () => {
  const workers: Worker[] = [];
  const pool = new WorkerPool(1, 4, () => {
    const worker = spawnWorker({});
    workers.push(worker);
    return worker;
  });
  onTestFinished(() => pool.close());
  pool.register("plus", plusGraph(1));
  expect(await pool.run("plus", { x: column(1) })).toEqual({ y: column(2) });
  await workers[0]?.terminate();
  expect(await pool.run("plus", { x: column(2) })).toEqual({ y: column(3) });
  expect(workers).toHaveLength(2);
});
