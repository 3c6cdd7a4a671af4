import { type Action, bits, type GateView } from "@quee/core";
import { expect, test } from "vitest";
import { askPolicy, sendAll } from "./ask-policy.js";

const view: GateView = { prefix: [bits(8)], count: 6, classCount: 2, history: [new Float32Array(12).fill(0.5)] };
const goOn = (level: number): Action => ({ kind: "continue", bits: bits(level) });

test("decisions are grouped by action: positions ascend, most bits come first", () => {
  const actions: readonly Action[] = [
    goOn(5),
    { kind: "exit" },
    goOn(8),
    goOn(5),
    { kind: "exit" },
    { kind: "abstain" },
  ];
  const { exits, abstentions, continuing } = askPolicy({ name: "given", decide: () => actions }, view);
  expect([...exits]).toEqual([1, 4]);
  expect([...abstentions]).toEqual([5]);
  expect([...continuing].map(([level, positions]) => [level, [...positions]])).toEqual([
    [8, [2]],
    [5, [0, 3]],
  ]);
});

test("an answer too many is refused by name", () => {
  const decide = () => Array.from({ length: 7 }, () => goOn(8));
  expect(() => askPolicy({ name: "eager", decide }, view)).toThrow(
    /policy "eager" at the gate behind 8: expected 6 actions, got 7/,
  );
});

test("sending all sends all", () => {
  const { exits, continuing } = sendAll(3, { kind: "continue", bits: bits(7) });
  expect(exits.length).toBe(0);
  expect([...continuing].map(([level, positions]) => [level, [...positions]])).toEqual([[7, [0, 1, 2]]]);
});
