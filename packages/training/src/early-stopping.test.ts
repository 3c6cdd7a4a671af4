import { expect, test } from "vitest";
import { earlyStopping } from "./early-stopping.js";

test("it stops after `patience` epochs without a lower loss and keeps the best", () => {
  const stopping = earlyStopping<string>({ patience: 2 });
  const losses = [3, 2, 2.5, 1, 1, 1.5];
  const stops = losses.map((loss, epoch) => stopping.observe(loss, () => `epoch ${epoch}`));
  expect(stops).toEqual([false, false, false, false, false, true]);
  expect(stopping.best()).toEqual({ epoch: 3, loss: 1, kept: "epoch 3" });
});

test("what is kept is made only when it is the best", () => {
  const stopping = earlyStopping<number>({ patience: 5 });
  let made = 0;
  for (const loss of [2, 3, 1, 1]) stopping.observe(loss, () => ++made);
  expect(made).toBe(2);
});

test("a loss that is not a number is no improvement", () => {
  const stopping = earlyStopping<null>({ patience: 2 });
  expect([Number.NaN, Number.POSITIVE_INFINITY].map((loss) => stopping.observe(loss, () => null))).toEqual([
    false,
    true,
  ]);
  expect(stopping.best()).toBeNull();
});
