import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { expect, onTestFinished, test } from "vitest";
import { column, matMulGraph, plusGraph, randomBatch } from "./graphs.test.helper.js";
import { openPool, openSession, type PoolOptions, type SessionPool } from "./index.js";

async function poolOf(models: Readonly<Record<string, Graph>>, options: PoolOptions = { workers: 2 }) {
  const pool = await openPool(options);
  onTestFinished(() => pool.close());
  for (const [key, model] of Object.entries(models)) pool.register(key, model);
  return pool;
}

/** Enough runs of the pool that all workers take part. */
function manyRuns(pool: SessionPool, count: number) {
  return Promise.all(Array.from({ length: count }, (_, i) => pool.run("plus", { x: column(i) })));
}

test("two workers give the bytes of one thread", async () => {
  const [graph, x] = [matMulGraph(128, 7), randomBatch(32, 128, 8)];
  const session = await openSession(graph);
  const expected = await session.run({ x });
  const pool = await poolOf({ model: graph });
  for (const answer of await Promise.all(Array.from({ length: 8 }, () => pool.run("model", { x })))) {
    expect(answer).toEqual(expected);
  }
});

test("64 runs at once keep their own answers", async () => {
  const pool = await poolOf({ plus: plusGraph(1000) });
  const answers = await manyRuns(pool, 64);
  answers.forEach((answer, i) => {
    expect(answer).toEqual({ y: column(1000 + i) });
  });
});

test("a pool survives a bad model, which is named each time", async () => {
  const builder = new GraphBuilder("strange");
  builder.input("x", [1]);
  builder.output(builder.add("NoSuchOp", ["x"], {}, "y"));
  const pool = await poolOf({ plus: plusGraph(1), bad: builder.build() });
  const error = { kind: "input", code: "E_SESSION_OPEN", where: 'model "bad"' };
  const mixed = await Promise.allSettled(
    Array.from({ length: 12 }, (_, i) => pool.run(i % 2 === 0 ? "bad" : "plus", { x: column(i) })),
  );
  mixed.forEach((result, i) => {
    if (i % 2 === 0) expect(result).toMatchObject({ status: "rejected", reason: error });
    else expect(result).toMatchObject({ status: "fulfilled", value: { y: column(i + 1) } });
  });
});

test("feeds are copied: they stay as they are, views on other data too", async () => {
  const pool = await poolOf({ plus: plusGraph(1) });
  const all = Float32Array.of(1, 2, 3, 4);
  const x = { shape: [2, 1], data: all.subarray(1, 3) };
  expect(await pool.run("plus", { x })).toEqual({ y: column(3, 4) });
  expect([...all]).toEqual([1, 2, 3, 4]);
});

test("feeds that are given away are empty afterwards, but never what others have a part of", async () => {
  const pool = await poolOf({ plus: plusGraph(1) });
  const x = column(1, 2);
  expect(await pool.run("plus", { x }, { transfer: true })).toEqual({ y: column(2, 3) });
  expect(x.data).toHaveLength(0);
  await expect(pool.run("plus", { x })).rejects.toMatchObject({ code: "E_SESSION_FEED" });

  const all = Float32Array.of(1, 2, 3);
  await pool.run("plus", { x: { shape: [2, 1], data: all.subarray(1) } }, { transfer: true });
  expect([...all]).toEqual([1, 2, 3]);

  const builder = new GraphBuilder("sum");
  for (const name of ["a", "b"]) builder.input(name, [1, 1]);
  builder.output(builder.plus("a", "b", "y"));
  pool.register("sum", builder.build());
  const same = column(4);
  expect(await pool.run("sum", { a: same, b: same }, { transfer: true })).toEqual({ y: column(8) });
});

test("runs that wait are served in the order they came", async () => {
  const pool = await poolOf({ plus: plusGraph(0) }, { workers: 1 });
  const order: number[] = [];
  await Promise.all(Array.from({ length: 10 }, (_, i) => pool.run("plus", { x: column(i) }).then(() => order.push(i))));
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("an aborted run that waits rejects at once, the one that runs is finished, the others go on", async () => {
  const pool = await poolOf({ plus: plusGraph(1) }, { workers: 1 });
  const controller = new AbortController();
  const { signal } = controller;
  const running = pool.run("plus", { x: column(1) }, { signal });
  const waiting = pool.run("plus", { x: column(2) }, { signal });
  const other = pool.run("plus", { x: column(3) });
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  expect(await running).toEqual({ y: column(2) });
  expect(await other).toEqual({ y: column(4) });
  await expect(pool.run("plus", { x: column(1) }, { signal })).rejects.toBe(reason);
});

test("ready lets the next batch be prepared when there is room", async () => {
  const pool = await poolOf({ plus: plusGraph(1) }, { workers: 1, queueLimit: 2 });
  const runs = Array.from({ length: 3 }, (_, i) => pool.run("plus", { x: column(i) }));
  // One runs, two wait: the line is full.
  let room = false;
  const ready = pool.ready().then(() => {
    room = true;
  });
  await Promise.resolve();
  expect(room).toBe(false);
  await runs[0];
  await ready;
  expect(room).toBe(true);
  await Promise.all(runs);
  await pool.ready();

  const more = Array.from({ length: 3 }, (_, i) => pool.run("plus", { x: column(i) }));
  const controller = new AbortController();
  const asleep = pool.ready({ signal: controller.signal });
  controller.abort();
  await expect(asleep).rejects.toMatchObject({ name: "AbortError" });
  await Promise.all(more);
});

test("a released model is forgotten everywhere, and its key may be taken again", async () => {
  const pool = await poolOf({ plus: plusGraph(1) });
  await manyRuns(pool, 8);
  pool.release("plus");
  expect(pool.has("plus")).toBe(false);
  await expect(pool.run("plus", { x: column(1) })).rejects.toMatchObject({ code: "E_POOL_MODEL" });
  pool.register("plus", plusGraph(10));
  (await manyRuns(pool, 8)).forEach((answer, i) => {
    expect(answer).toEqual({ y: column(10 + i) });
  });
  expect(() => pool.register("plus", plusGraph(1))).toThrow(expect.objectContaining({ code: "E_POOL_MODEL" }));
});

test("a model that is replaced while it runs is replaced in the worker that ran it", async () => {
  const pool = await poolOf({ plus: plusGraph(1) }, { workers: 1 });
  const before = pool.run("plus", { x: column(0) });
  pool.release("plus");
  pool.register("plus", plusGraph(5));
  expect(await before).toEqual({ y: column(1) });
  expect(await pool.run("plus", { x: column(0) })).toEqual({ y: column(5) });
});

test("closing rejects what was not answered, and what comes later", async () => {
  const pool = await poolOf({ plus: plusGraph(1) }, { workers: 1 });
  const runs = Promise.allSettled([pool.run("plus", { x: column(1) }), pool.run("plus", { x: column(2) })]);
  await pool.close();
  const closed = { status: "rejected", reason: { code: "E_POOL_CLOSED" } };
  expect(await runs).toMatchObject([closed, closed]);
  await expect(pool.run("plus", { x: column(1) })).rejects.toMatchObject({ code: "E_POOL_CLOSED" });
  await pool.close();
});

test.each([0, -1, 1.5, Number.NaN])("%d workers are none", async (workers) => {
  await expect(openPool({ workers })).rejects.toMatchObject({ kind: "usage", code: "E_POOL_SIZE" });
});
