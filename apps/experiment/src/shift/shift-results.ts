import type { CostTable } from "@quee/core";
import { mean } from "@quee/metrics";
import type { PathTable } from "@quee/path-tables";
import type { Results } from "@quee/report";
import type { Config } from "../config/schema.js";
import type { ChosenPoint } from "../methods/chosen-points.js";
import { meanCost, type Tally, tallyOf } from "../methods/measured-method.js";
import { bestWithin, type MethodCurve } from "../stages/operating-points.js";
import type { ShiftedTables } from "./collect-shifted.js";

type Shift = NonNullable<Results["shift"]>;
interface PricedCurve extends MethodCurve {
  readonly costs: CostTable;
}

/** What the settings that clean validation images chose do on corrupted test images. */
export function shiftResults(
  { shift, budgets }: Pick<Config, "shift" | "budgets">,
  { conditions, tables }: ShiftedTables,
  curves: readonly PricedCurve[],
  test: PathTable<"test">,
): Shift {
  const images = tables[0]?.count ?? 0;
  return {
    images,
    kinds: [...shift.kinds],
    strengths: [...shift.strengths],
    methods: curves.map(({ method, costs, bySeed: [points = []] }) => ({
      method: method.name,
      clean: points.map((point) => cleanPoint(point, costs, test, images)),
      byStrength: shift.strengths.map((strength) =>
        points.map(({ setting, source }) => {
          const told = conditions.flatMap((condition, c) =>
            condition.strength === strength ? [outcome(source.shifted[c], costs)] : [],
          );
          const [top1, cost] = [told.map((one) => one.top1), told.map((one) => one.cost)];
          return { setting, top1: mean(top1) ?? 0, cost: mean(cost) ?? 0 };
        }),
      ),
    })),
    conditions: conditions.map(({ kind, strength }, c) => ({
      ...{ kind, strength },
      points: curves.flatMap((curve) =>
        budgets.flatMap((budget) => {
          const best = bestWithin(curve, budget);
          if (best === null) return [];
          return [{ method: curve.method.name, budget, ...outcome(best.source.shifted[c], curve.costs) }];
        }),
      ),
    })),
  };
}

function outcome(tally: Tally | undefined, costs: CostTable) {
  if (tally === undefined) throw new RangeError("a chosen point is replayed under every condition");
  return { top1: tally.right / tally.count, cost: meanCost(tally, costs) };
}

/** The same images as they were. */
function cleanPoint({ setting, replay }: ChosenPoint, costs: CostTable, test: PathTable<"test">, images: number) {
  const part = { pathIndex: replay.pathIndex.slice(0, images), correct: replay.correct.slice(0, images) };
  return { setting, ...outcome(tallyOf(part, test), costs) };
}
