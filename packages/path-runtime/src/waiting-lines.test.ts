import { bits } from "@quee/core";
import { expect, test } from "vitest";
import { WaitingLines } from "./waiting-lines.js";

const stop = (block: number, level = 8) => ({ block, bits: bits(level) });

test("the fullest line goes first, of equals the one furthest along, and lines keep their order", () => {
  const lines = new WaitingLines<string>(2);
  for (const item of ["a", "b", "c"]) lines.add(stop(1), item);
  for (const item of ["d", "e"]) lines.add(stop(2, 6), item);
  expect(lines.next()).toEqual({ stop: stop(2, 6), items: ["d", "e"] });
  expect(lines.next()).toEqual({ stop: stop(1), items: ["a", "b"] });
  expect(lines.next()).toEqual({ stop: stop(1), items: ["c"] });
  expect(lines.next()).toBeNull();
});

test("who waits alone for a rare model is not passed over for ever", () => {
  const lines = new WaitingLines<string>(4);
  lines.add(stop(3, 5), "rare");
  let batches = 0;
  for (let found = false; !found; batches++) {
    for (let i = 0; i < 4; i++) lines.add(stop(1), "common");
    found = lines.next()?.items.includes("rare") === true;
    expect(batches).toBeLessThan(40);
  }
  expect(batches).toBeGreaterThan(10);
});

test("who is taken out waits no more", () => {
  const lines = new WaitingLines<number>(8);
  for (const i of [1, 2, 3, 4]) lines.add(stop(1 + (i % 2)), i);
  expect(lines.takeOut((i) => i > 2)).toEqual([3, 4]);
  expect([lines.next()?.items, lines.next()?.items, lines.next()]).toEqual([[1], [2], null]);
});
