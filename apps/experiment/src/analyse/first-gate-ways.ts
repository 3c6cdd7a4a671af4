import { type Bits, legalPaths, type PathSpace, type SplitRole } from "@quee/core";
import { pathCostTable } from "@quee/cost-model";
import { upperEnvelope } from "@quee/metrics";
import type { PathTable } from "@quee/path-tables";
import { firstBitsByErrorRate, firstBitsByRouting, foresee, lambdaGrid, sweepsByFirstBits } from "@quee/router";
import { levelsOf } from "../run/run.js";
import { dealt } from "../stages/gate-choices.js";
import type { FreeFirstTables } from "./first-gate-tables.js";
import { changed, heldOut } from "./recipe.js";
import { routerOf } from "./router-of.js";
import type { Workbench } from "./workbench.js";

/** Of one way to choose the bits of block 1: settings chosen on validation images and what they give on test images, cheap first. */
export interface FirstGateCurve {
  readonly name: string;
  readonly points: readonly {
    readonly lambda: number;
    readonly bits: Bits;
    readonly cost: number;
    readonly top1: number;
  }[];
}

/**
 * The ways to choose the bits of block 1, the same for all images, with one seed. Training images have no paths that begin below the
 * most bits; held-out ones have, and these gates learn on them.
 */
export async function firstGateCurves(
  bench: Workbench,
  tables: FreeFirstTables,
  space: PathSpace,
  seed: number,
): Promise<readonly FirstGateCurve[]> {
  const { opened, run, letter } = bench;
  const levels = levelsOf(run.config);
  const [fit, choose] = dealt(tables.validation, 1 / 2, seed, "halves of validation images");
  const parts = { train: opened.tables.train, fit, choose, test: tables.test };
  const macs = opened.prepared.anatomy.macs;
  const costs = (gateMacs: readonly number[]) =>
    pathCostTable({ macs, gateMacs, paths: legalPaths(space), levels, model: run.config.cost.model });
  const lloyd = await bench.lloyd();
  const recipe = changed(letter, heldOut);
  const router = await routerOf({ recipe, parts, space, routingCosts: costs, seed, lloyd, signal: run.signal });
  const gates = router.wholePaths?.gates;
  if (gates === undefined) throw new RangeError("whole paths have gates");
  const price = costs(router.gateMacs);
  const foreseen = <Role extends SplitRole>(table: PathTable<Role>) =>
    foresee((view) => gates.predict(view), table, { space });
  const [onChoose, onTest] = [foreseen(choose), foreseen(tables.test)];
  const [chooseBy, testBy] = [
    sweepsByFirstBits(onChoose, { costs: price }),
    sweepsByFirstBits(onTest, { costs: price }),
  ];
  const ways: readonly (readonly [string, (lambda: number) => readonly Bits[]])[] = [
    ["always the most bits", () => levels.slice(0, 1)],
    ["by the error rate of paths", (lambda) => [firstBitsByErrorRate(onChoose, { costs: price, lambda })]],
    ["by what routing makes of it", (lambda) => [firstBitsByRouting(chooseBy, lambda)]],
    ["together with λ, for each budget", () => levels],
  ];
  return ways.map(([name, bitsAt]) => {
    const settings = [...lambdaGrid(), 1e6].flatMap((lambda) =>
      bitsAt(lambda).flatMap((bits) => {
        const point = chooseBy.get(bits)?.pointAt(lambda);
        return point === undefined ? [] : [{ lambda, bits, cost: point.cost, top1: point.top1 }];
      }),
    );
    const points = upperEnvelope(settings).flatMap(({ lambda, bits }) => {
      const point = testBy.get(bits)?.pointAt(lambda);
      return point === undefined ? [] : [{ lambda, bits, cost: point.cost, top1: point.top1 }];
    });
    return { name, points: points.sort((a, b) => a.cost - b.cost) };
  });
}
