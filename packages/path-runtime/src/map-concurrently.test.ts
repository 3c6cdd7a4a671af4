import { expect, test } from "vitest";
import { mapConcurrently } from "./map-concurrently.js";

const soon = () => new Promise((resolve) => setImmediate(resolve));

test("every item is done, in order of starting, never more than the limit at once", async () => {
  const started: number[] = [];
  let [now, most] = [0, 0];
  await mapConcurrently([0, 1, 2, 3, 4, 5, 6], 3, async (item) => {
    started.push(item);
    most = Math.max(most, ++now);
    await soon();
    now--;
  });
  expect(started).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(most).toBe(3);
});

test("the first failure is thrown when all that had started has ended, and nothing starts behind it", async () => {
  const started: number[] = [];
  const ended: number[] = [];
  const run = mapConcurrently([0, 1, 2, 3, 4], 2, async (item) => {
    started.push(item);
    if (item === 0) throw new Error("first");
    await soon();
    await soon();
    ended.push(item);
    throw new Error("second");
  });
  await expect(run).rejects.toThrow("first");
  expect(started).toEqual([0, 1]);
  expect(ended).toEqual([1]);
});
