import { fc, test } from "@fast-check/vitest";
import { randomStream } from "@quee/tensor";
import { expect } from "vitest";
import { minibatches } from "./minibatches.js";

const sizes = (): [fc.Arbitrary<number>, fc.Arbitrary<number>, fc.Arbitrary<number>] => [
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: 50 }),
  fc.integer(),
];

test.prop(sizes())("an epoch deals out every index once, in full batches but the last", (count, batchSize, seed) => {
  const batches = [...minibatches({ count, batchSize, random: randomStream(seed, "epochs") })];
  const dealt = batches.flatMap((batch) => [...batch]).sort((a, b) => a - b);
  expect(dealt).toEqual(Array.from({ length: count }, (_, i) => i));
  expect(batches.slice(0, -1).every(({ length }) => length === batchSize)).toBe(true);
});

test.prop(sizes())("the same seed deals the same batches", (count, batchSize, seed) => {
  const epoch = () => [...minibatches({ count, batchSize, random: randomStream(seed, "epochs") })];
  expect(epoch()).toEqual(epoch());
});

test("two epochs of one stream have different orders", () => {
  const random = randomStream(1, "epochs");
  const epoch = () => [...minibatches({ count: 100, batchSize: 100, random })];
  expect(epoch()).not.toEqual(epoch());
});

test("a last batch that is not full can be left out", () => {
  const options = { count: 10, batchSize: 4, random: randomStream(1, "epochs"), dropLast: true };
  expect([...minibatches(options)].map(({ length }) => length)).toEqual([4, 4]);
});
