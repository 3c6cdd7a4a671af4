import { expect, test } from "vitest";
import { HiddenStates } from "./hidden-states.js";
import { rowOf } from "./travellers.js";

const batchOf = (rows: number) => ({ shape: [rows, 2], data: Float32Array.from({ length: 2 * rows }, (_, i) => i) });

test("an array is used again when its last row is released, and not before", () => {
  const states = new HiddenStates();
  const batch = batchOf(3);
  states.hold(batch.data, 3);
  for (const row of [0, 2]) states.release(rowOf(batch, row));
  expect(states.take(6).buffer).not.toBe(batch.data.buffer);
  states.release(rowOf(batch, 1));
  expect(states.take(4).buffer).not.toBe(batch.data.buffer);
  expect(states.take(6).buffer).toBe(batch.data.buffer);
  // It was given away.
  expect(states.take(6).buffer).not.toBe(batch.data.buffer);
});

test("arrays of others are left alone", () => {
  const states = new HiddenStates();
  const pixels = batchOf(1);
  states.release(pixels);
  states.release(null);
  expect(states.take(2).buffer).not.toBe(pixels.data.buffer);
});
