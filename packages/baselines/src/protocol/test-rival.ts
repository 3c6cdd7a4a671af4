import { imageCosts, type PathTable, type Replay } from "@quee/path-tables";
import type { FittedRival, RivalPoint } from "../rival/fit-rival.js";
import type { RivalInputs } from "../rival/rival.js";

/** What a point that was chosen on validation images gives on test images. */
export interface TestedPoint {
  readonly setting: RivalPoint["setting"];
  readonly replay: Replay;
  /** 1 where right, [N] */
  readonly correct: Uint8Array;
  /** Mean over images. */
  readonly cost: number;
  readonly top1: number;
}

/** The chosen points on test images, by rising cost there. Points that validation images did not choose are not looked at. */
export function testRival(
  { points, pays }: FittedRival,
  test: PathTable<"test">,
  costs: RivalInputs["costs"],
): readonly TestedPoint[] {
  const prices = costs(pays);
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  return points
    .filter(({ chosen }) => chosen)
    .map(({ setting, replay }) => {
      const taken = replay(test);
      const cost = mean(imageCosts(taken, test, prices));
      return { setting, replay: taken, correct: taken.correct, cost, top1: mean(taken.correct) };
    })
    .sort((a, b) => a.cost - b.cost);
}
