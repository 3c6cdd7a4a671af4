import { type CostTable, type Path, type Policy, pathKey, uniformPaths } from "@quee/core";
import { tenPartInterval } from "@quee/metrics";
import { type PathTable, type Replay, replay, summarize } from "@quee/path-tables";
import type { CurvePoint, Results } from "@quee/report";
import { operatingPointForBudget } from "@quee/router";
import { argmaxRows, tensor } from "@quee/tensor";
import type { Tables } from "./collect.js";

/** What a method with one setting gives. */
export interface Measured {
  readonly validation: { readonly top1: number; readonly cost: number };
  readonly point: Omit<CurvePoint, "setting">;
  readonly testReplay: Replay;
}

/** Replays a policy on validation and test images. */
export function measureWith(seed: number, exitCount: number) {
  const both = (policy: Policy, { validation, test }: Tables, costs: CostTable): Measured => {
    const space = { exitCount };
    const onValidation = summarize(replay(policy, validation, { space }), validation, costs);
    const testReplay = replay(policy, test, { space });
    const { top1, cost, costP95, exitHistogram, pathHistogram } = summarize(testReplay, test, costs);
    const { mean, halfWidth } = tenPartInterval(testReplay.correct, seed);
    const share = (count: number) => count / test.count;
    return {
      validation: { top1: onValidation.top1, cost: onValidation.cost },
      testReplay,
      point: {
        top1,
        top1Ci95: [mean - halfWidth, mean + halfWidth],
        cost,
        costP95,
        exitHistogram: exitHistogram.map(share),
        pathShares: Object.fromEntries(
          test.paths.flatMap((path, p) => (pathHistogram[p] ? [[pathKey(path), share(pathHistogram[p])]] : [])),
        ),
      },
    };
  };
  const top1 = (table: PathTable, path: Path) => {
    const answers = argmaxRows(tensor([table.count, table.classCount], table.probabilities(path)));
    return answers.reduce((right, answer, i) => right + (answer === table.labels[i] ? 1 : 0), 0) / table.count;
  };
  return { both, top1 };
}

/** All blocks at one level. */
export function wholeNetwork(level: Path[number], exitCount: number): Path {
  return uniformPaths(level, exitCount).at(-1) ?? [];
}

export function curve(method: string, parameter: string, points: Sweep): Results["curves"][number] {
  return {
    method,
    parameter,
    arithmetic: "fake-quant",
    exit: "replayed",
    points: points.map(({ setting, point }) => ({ setting, ...point })),
  };
}

/** A method over all its settings. */
export type Sweep = readonly (Measured & { readonly setting: number })[];

/** The settings of all methods that validation images recommend for a budget, and what they give on test images. */
export function operatingPoint(
  budget: number,
  quee: Sweep,
  rivals: Readonly<Record<string, Sweep>>,
): Results["operatingPoints"][number] {
  const choose = (sweep: Sweep) => {
    const best = operatingPointForBudget(
      sweep.map(({ setting, validation }) => ({ setting, ...validation })),
      budget,
    );
    return sweep.find(({ setting }) => setting === best?.setting);
  };
  const outcome = ({ top1, cost }: { top1: number; cost: number }) => ({ top1, cost });
  const chosen = choose(quee);
  return {
    budget,
    lambda: chosen?.setting ?? null,
    validation: chosen === undefined ? null : outcome(chosen.validation),
    test: chosen === undefined ? null : outcome(chosen.point),
    rivals: Object.entries(rivals).flatMap(([method, sweep]) => {
      const best = choose(sweep);
      return best === undefined
        ? []
        : [{ method, setting: best.setting, validation: outcome(best.validation), test: outcome(best.point) }];
    }),
  };
}
