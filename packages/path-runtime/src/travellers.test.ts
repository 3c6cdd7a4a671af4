import { bits } from "@quee/core";
import { tensor } from "@quee/tensor";
import { expect, test } from "vitest";
import { departing, regroup, rowOf, stack, type Traveller } from "./travellers.js";

const traveller = (image: number): Traveller => ({ ...departing(image), path: [bits(8)] });
const depart = (image: number, level: number) => ({ traveller: traveller(image), bits: bits(level) });

test("survivors are batched by bits, most first, in the order of images, and never more than asked", () => {
  const departures = [depart(3, 6), depart(5, 6), depart(4, 8), depart(0, 6), depart(1, 6)];
  const batches = regroup(departures, 3).map(({ bits: level, travellers }) => [level, travellers.map((t) => t.image)]);
  expect(batches).toEqual([
    [8, [4]],
    [6, [0, 1, 3]],
    [6, [5]],
  ]);
});

test("rows that are taken out of a batch and stacked again give the batch", () => {
  const batch = tensor(
    [3, 2, 2],
    Float32Array.from({ length: 12 }, (_, i) => i),
  );
  expect(stack([0, 1, 2].map((i) => rowOf(batch, i)))).toEqual(batch);
  expect(stack([rowOf(batch, 2), rowOf(batch, 0)])).toEqual(
    tensor([2, 2, 2], Float32Array.of(8, 9, 10, 11, 0, 1, 2, 3)),
  );
});
