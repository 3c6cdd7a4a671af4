import { expect, test } from "vitest";
import type { ChosenPoint } from "../methods/chosen-points.js";
import { operatingPoints, queeReplayAt } from "./operating-points.js";

const point = (setting: number, validation: [number, number], onTest: [number, number]): ChosenPoint => {
  const [top1, cost] = onTest;
  const nobody = new Int32Array(0);
  const replay = {
    exit: "replayed",
    policy: `${setting}`,
    exitCount: 2,
    pathIndex: nobody,
    prediction: nobody,
  } as const;
  const correct = new Uint8Array(0);
  const source = { setting, validation: { right: 0, count: 1, byPath: {} }, test: null, shifted: [] };
  return {
    ...{ setting, top1, cost, correct, source, replay: { ...replay, correct } },
    validation: { top1: validation[0], cost: validation[1] },
  };
};
const curve = (name: string, points: readonly ChosenPoint[]) => ({
  method: { name, role: "rival" as const },
  bySeed: [points],
});

const quee = curve("quee", [
  point(0.2, [0.7, 0.45], [0.9, 0.45]),
  point(0.1, [0.8, 0.55], [0.7, 0.56]),
  point(0, [0.95, 0.9], [0.95, 0.9]),
]);

test("the setting for a budget is the best on validation images, even where test images would choose another", () => {
  const rival = curve("patience", [point(1, [0.9, 0.9], [0.9, 0.9])]);
  const [small, large] = operatingPoints([0.6, 0.9], [quee, rival]);
  expect(small).toEqual({
    budget: 0.6,
    lambda: 0.1,
    validation: { top1: 0.8, cost: 0.55 },
    test: { top1: 0.7, cost: 0.56 },
    rivals: [],
  });
  expect(large?.rivals).toEqual([
    { method: "patience", setting: 1, validation: { top1: 0.9, cost: 0.9 }, test: { top1: 0.9, cost: 0.9 } },
  ]);
});

test("a budget that nothing meets has no setting", () => {
  expect(operatingPoints([0.1], [quee])).toMatchObject([{ lambda: null, validation: null, test: null, rivals: [] }]);
});

test("QuEE's way at a λ is that of its point", () => {
  expect(queeReplayAt([quee], { lambda: 0.1, firstBits: undefined }).policy).toBe("0.1");
  expect(() => queeReplayAt([quee], { lambda: 0.3, firstBits: undefined })).toThrow(/no point at λ = 0.3/);
});
