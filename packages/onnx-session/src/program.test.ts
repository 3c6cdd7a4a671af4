import { expect, onTestFinished, test } from "vitest";
import { column, matMulGraph, plusGraph, randomBatch } from "./graphs.test.helper.js";
import { openPool, openSession, type Program, type SessionPool, type ValueSource } from "./index.js";

async function openedPool(): Promise<SessionPool> {
  const pool = await openPool({ workers: 2 });
  onTestFinished(() => pool.close());
  return pool;
}

const input: ValueSource = { from: "input", name: "image" };
const after = (step: number): ValueSource => ({ from: "step", step, output: "y" });

test("a tree of runs gives what single runs give, leaves and inner nodes", async () => {
  const pool = await openedPool();
  const [width, levels] = [16, 2];
  // Two levels of two models each, and all the ways through them.
  const paths = ["way-0", "way-0-0", "way-0-1", "way-1", "way-1-0", "way-1-1"];
  for (const depth of [0, 1]) {
    for (let level = 0; level < levels; level++)
      pool.register(`${depth}.${level}`, matMulGraph(width, 10 * depth + level));
  }
  const program: Program = {
    steps: [
      { model: "0.0", feeds: { x: input } },
      { model: "1.0", feeds: { x: after(0) } },
      { model: "1.1", feeds: { x: after(0) } },
      { model: "0.1", feeds: { x: input } },
      { model: "1.0", feeds: { x: after(3) } },
      { model: "1.1", feeds: { x: after(3) } },
    ],
    outputs: Object.fromEntries(paths.map((path, step) => [path, { step, output: "y" }])),
  };
  const x = randomBatch(4, width, 1);
  const answers = await pool.program(program, { image: x });
  expect(Object.keys(answers)).toEqual(paths);
  for (const path of paths) {
    let value = x;
    for (const [depth, level] of path.split("-").slice(1).entries()) {
      const session = await openSession(matMulGraph(width, 10 * depth + Number(level)));
      value = (await session.run({ x: value })).y as typeof x;
    }
    expect(answers[path]).toEqual(value);
  }
});

test("one output may come back under two names, and a step may be run for nobody", async () => {
  const pool = await openedPool();
  pool.register("plus", plusGraph(1));
  const steps = [
    { model: "plus", feeds: { x: input } },
    { model: "plus", feeds: { x: after(0) } },
  ];
  const output = { step: 0, output: "y" };
  expect(await pool.program({ steps, outputs: { a: output, b: output } }, { image: column(1) })).toEqual({
    a: column(2),
    b: column(2),
  });
  expect(await pool.program({ steps: [], outputs: {} }, {})).toEqual({});
});

test("a program may be used again and again, at once, in every worker", async () => {
  const pool = await openedPool();
  pool.register("plus", plusGraph(1));
  const steps = Array.from({ length: 5 }, (_, at) => ({
    model: "plus",
    feeds: { x: at === 0 ? input : after(at - 1) },
  }));
  const program: Program = { steps, outputs: { y: { step: 4, output: "y" } } };
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => pool.program(program, { image: column(i) })));
  answers.forEach((answer, i) => {
    expect(answer).toEqual({ y: column(i + 5) });
  });
});

test.each<[string, Program, string]>([
  [
    "an input that is not given",
    { steps: [{ model: "plus", feeds: { x: { from: "input", name: "z" } } }], outputs: {} },
    'input "z"',
  ],
  ["a step that comes later", { steps: [{ model: "plus", feeds: { x: after(0) } }], outputs: {} }, "step 0"],
  ["an output of no step", { steps: [], outputs: { y: { step: 0, output: "y" } } }, "step 0"],
])("%s is refused before anything runs", async (_, program, got) => {
  const pool = await openedPool();
  pool.register("plus", plusGraph(1));
  await expect(pool.program(program, { image: column(1) })).rejects.toMatchObject({ code: "E_PROGRAM", got });
});

test("an output that a step does not have, and a model that nobody registered, are named", async () => {
  const pool = await openedPool();
  pool.register("plus", plusGraph(1));
  const steps = [{ model: "plus", feeds: { x: input } }];
  await expect(
    pool.program({ steps, outputs: { y: { step: 0, output: "nothing" } } }, { image: column(1) }),
  ).rejects.toMatchObject({ code: "E_SESSION_FEED", where: 'model "plus"', got: '"nothing"' });
  await expect(
    pool.program({ steps: [{ model: "other", feeds: {} }], outputs: {} }, { image: column(1) }),
  ).rejects.toMatchObject({ code: "E_POOL_MODEL", got: '"other"' });
});
