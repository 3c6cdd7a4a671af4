import { expect, test } from "vitest";
import { stageKey } from "./stage-key.js";

const inputs = { seed: 7, rate: 1e-3, files: ["a", "b"] };

test("a key is the SHA-256 of stage, version and inputs, and stays what it is", () => {
  // sha256 of the text {"inputs":{"files":["a","b"],"rate":0.001,"seed":7},"stage":"train-heads","version":1}
  expect(stageKey({ stage: "train-heads", version: 1, inputs })).toEqual({
    stage: "train-heads",
    hash: "a5152f08f014cbb777f967d7e76d61da2db93aba731fb47a18665fcb58c7451f",
  });
});

test("the order of fields does not matter; everything else does", () => {
  const hash = (changes: object) => stageKey({ stage: "s", version: 1, inputs, ...changes }).hash;
  expect(hash({ inputs: { files: ["a", "b"], seed: 7, rate: 1e-3 } })).toBe(hash({}));
  const others = [
    hash({ stage: "t" }),
    hash({ version: 2 }),
    hash({ inputs: { ...inputs, seed: 8 } }),
    hash({ inputs: { ...inputs, seed: "7" } }),
    hash({ inputs: { ...inputs, files: ["b", "a"] } }),
    hash({ inputs: { ...inputs, more: null } }),
  ];
  expect(new Set([hash({}), ...others]).size).toBe(others.length + 1);
});

test("what JSON would lose is refused, not hashed", () => {
  for (const value of [undefined, Number.NaN, -0, new Float32Array(1)]) {
    expect(() => stageKey({ stage: "s", version: 1, inputs: { value } })).toThrow("inputs.value");
  }
});

test("a stage has a plain name: it becomes a folder", () => {
  for (const stage of ["", "../x", "A", "a/b", "a b", ".a", "manifest.json"]) {
    expect(() => stageKey({ stage, version: 1, inputs })).toThrow("lower-case words");
  }
});
