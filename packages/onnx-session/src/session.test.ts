import { type DType, float, GraphBuilder } from "@quee/onnx-graph";
import type { TensorData } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { column, matMulGraph, plusGraph, randomBatch } from "./graphs.test.helper.js";
import { openSession } from "./index.js";

test("a matrix product is that of plain arithmetic", async () => {
  const graph = matMulGraph(5, 1);
  const weights = graph.initializers.get("w")?.data as Float32Array;
  const x = randomBatch(3, 5, 2);
  const session = await openSession(graph);
  expect(session.inputNames).toEqual(["x"]);
  expect(session.outputNames).toEqual(["y"]);
  const { y } = await session.run({ x });
  const expected = Array.from({ length: 15 }, (_, at) => {
    const [row, column] = [Math.floor(at / 5), at % 5];
    let sum = 0;
    for (let k = 0; k < 5; k++) sum += (x.data[row * 5 + k] as number) * (weights[k * 5 + column] as number);
    return sum;
  });
  expect(y?.shape).toEqual([3, 5]);
  expectAllclose(y?.data, expected, { rtol: 1e-5, atol: 1e-6 });
  await session.release();
});

test.each<[DType, TensorData]>([
  ["float32", Float32Array.of(1.5, -2)],
  ["float64", Float64Array.of(1e300, -2)],
  ["int8", Int8Array.of(-128, 127)],
  ["uint8", Uint8Array.of(0, 255)],
  ["int32", Int32Array.of(-(2 ** 31), 7)],
  ["int64", BigInt64Array.of(-(2n ** 63n), 7n)],
  ["bool", Uint8Array.of(1, 0)],
  ["float16", Uint8Array.of(0, 0x3c, 0, 0xc0)],
  ["uint32", Uint8Array.of(255, 255, 255, 255, 1, 0, 0, 0)],
  ["uint64", Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0)],
  ["int16", Uint8Array.of(0xfe, 0xff, 1, 0)],
])("%s goes in and comes out as the same array", async (dtype, data) => {
  const builder = new GraphBuilder("identity");
  builder.input("x", [2], dtype);
  builder.add("Identity", ["x"], {}, "y");
  builder.output("y", [2], dtype);
  const session = await openSession(builder.build());
  expect(await session.run({ x: { shape: [2], data } })).toEqual({ y: { shape: [2], data } });
});

test("bytes of 16-bit numbers may begin at an odd place", async () => {
  const builder = new GraphBuilder("identity");
  builder.input("x", [1], "float16");
  builder.add("Identity", ["x"], {}, "y");
  builder.output("y", [1], "float16");
  const session = await openSession(builder.build());
  const data = Uint8Array.of(9, 0, 0x3c).subarray(1);
  expect((await session.run({ x: { shape: [1], data } })).y?.data).toEqual(Uint8Array.of(0, 0x3c));
});

test("an empty batch and a scalar have their shapes", async () => {
  const session = await openSession(plusGraph(1));
  expect(await session.run({ x: { shape: [0, 1], data: new Float32Array() } })).toEqual({
    y: { shape: [0, 1], data: new Float32Array() },
  });
  const builder = new GraphBuilder("sum");
  builder.input("x", ["n"]);
  builder.add("ReduceSum", ["x"], { keepdims: 0 }, "y");
  builder.output("y", []);
  const sum = await openSession(builder.build());
  expect(await sum.run({ x: { shape: [3], data: Float32Array.of(1, 2, 3) } })).toEqual({
    y: { shape: [], data: Float32Array.of(6) },
  });
});

test("only the outputs asked for come back", async () => {
  const builder = new GraphBuilder("two");
  builder.input("x", ["batch", 1]);
  builder.output(builder.plus("x", builder.scalar(1), "one"));
  builder.output(builder.plus("x", builder.scalar(2), "two"));
  const session = await openSession(builder.build());
  expect(await session.run({ x: column(5) }, ["two"])).toEqual({ two: column(7) });
  expect(Object.keys(await session.run({ x: column(5) }))).toEqual(["one", "two"]);
});

test("an answer is the caller's: writing into it changes neither weights nor later answers", async () => {
  const builder = new GraphBuilder("weights out");
  builder.input("x", ["batch", 1]);
  const w = builder.tensor("w", [1], Float32Array.of(3));
  builder.output(builder.plus("x", w, "y"));
  builder.output(w);
  const session = await openSession(builder.build());
  const first = await session.run({ x: column(1) });
  first.w?.data.fill(99);
  first.y?.data.fill(99);
  expect(await session.run({ x: column(1) })).toEqual({ y: column(4), w: { shape: [1], data: Float32Array.of(3) } });
});

test("one thread and two give the same bytes", async () => {
  const x = randomBatch(64, 96, 3);
  const one = await openSession(matMulGraph(96, 3));
  const two = await openSession(matMulGraph(96, 3), { threads: 2 });
  expect(await two.run({ x })).toEqual(await one.run({ x }));
});

test("optimization is passed on", async () => {
  const builder = new GraphBuilder("fold");
  builder.input("x", [1]);
  builder.add("LeakyRelu", ["x"], { alpha: float(0.5) }, "y");
  builder.output("y");
  const session = await openSession(builder.build(), { optimization: "disabled" });
  expect((await session.run({ x: { shape: [1], data: Float32Array.of(-4) } })).y?.data).toEqual(Float32Array.of(-2));
  const wrong = "very" as "all";
  await expect(openSession(builder.build(), { optimization: wrong })).rejects.toMatchObject({ code: "E_SESSION_OPEN" });
});

test("a model that cannot be opened is named, with the reason and without source files of C++", async () => {
  const builder = new GraphBuilder("strange");
  builder.input("x", [1]);
  builder.add("NoSuchOp", ["x"], {}, "y");
  builder.output("y");
  await expect(openSession(builder.build())).rejects.toMatchObject({
    name: "QueeError",
    kind: "input",
    code: "E_SESSION_OPEN",
    where: 'model "strange"',
    got: expect.stringContaining("NoSuchOp"),
  });
  builder.opset("", 99);
  await expect(openSession(builder.build(), { name: "block 3" })).rejects.toMatchObject({
    where: 'model "block 3"',
    got: expect.stringMatching(/^ONNX Runtime only \*guarantees\*.*opset \d+\.$/),
    cause: expect.objectContaining({ message: expect.stringContaining(".h:") }),
  });
});

test("a value named __proto__ is refused: the native binding would lose it", async () => {
  const builder = new GraphBuilder("proto");
  builder.input("x", [1]);
  builder.output(builder.add("Identity", ["x"], {}, "__proto__"));
  await expect(openSession(builder.build())).rejects.toMatchObject({ code: "E_SESSION_OPEN" });
});

test.each([
  ["a missing input", {}, "E_SESSION_FEED", /^none$/],
  ["an unknown input", { x: column(1), z: column(1) }, "E_SESSION_FEED", /"z"/],
  ["another element type", { x: { shape: [1, 1], data: Int32Array.of(1) } }, "E_SESSION_FEED", /Int32Array/],
  ["another number of values", { x: { shape: [2, 1], data: Float32Array.of(1) } }, "E_SESSION_FEED", /1/],
  ["another rank", { x: { shape: [1], data: Float32Array.of(1) } }, "E_SESSION_RUN", /rank.*x/],
  ["another width", { x: { shape: [1, 2], data: Float32Array.of(1, 2) } }, "E_SESSION_RUN", /x.*Got: 2 Expected: 1/],
])("%s is refused in words", async (_, feeds, code, got) => {
  const session = await openSession(plusGraph(1));
  await expect(session.run(feeds)).rejects.toMatchObject({ code, got: expect.stringMatching(got) });
  // And the session goes on.
  expect(await session.run({ x: column(1) })).toEqual({ y: column(2) });
});

test("an unknown output is refused, and a released session too", async () => {
  const session = await openSession(plusGraph(1));
  await expect(session.run({ x: column(1) }, ["nothing"])).rejects.toMatchObject({ code: "E_SESSION_FEED" });
  await session.release();
  await session.release();
  await expect(session.run({ x: column(1) })).rejects.toMatchObject({ code: "E_SESSION_RELEASED" });
});
