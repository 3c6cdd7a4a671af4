import { maxProbabilityThreshold, staticPolicy, thresholdGrid } from "@quee/baselines";
import { type CostTable, legalPaths, type Policy, pathKey, uniformPaths } from "@quee/core";
import { staticCost } from "@quee/cost-model";
import { scoreErrorTargets, targetsOf } from "@quee/error-target-clustering";
import { gateDiagnostics } from "@quee/gate-predictors";
import type { Replay } from "@quee/path-tables";
import { type Results, resultsSchema, resultsSchemaVersion } from "@quee/report";
import { lambdaGrid, queePolicy } from "@quee/router";
import { levelsOf, pathSpaceOf, type Run, runStage } from "../run/run.js";
import { costsOf, type EvaluationInputs } from "./evaluation-inputs.js";
import { compareLive, type LiveCheck, liveCheckSchema } from "./live-check.js";
import { curve, measureWith, operatingPoint, type Sweep, wholeNetwork } from "./measure.js";
import type { Prepared } from "./prepare.js";
import { float } from "./quantize-blocks.js";
import { classPoint, examplesOf } from "./who-goes-where.js";

export interface Evaluated {
  readonly results: Results;
  readonly live: LiveCheck;
}

/** Replays every method on the tables; settings are chosen on validation images and reported on test images. */
export async function evaluate(run: Run, inputs: EvaluationInputs) {
  const { tables, targets, gates, blocks } = inputs;
  return runStage<Evaluated>(run, {
    name: "evaluate",
    version: 1,
    inputs: {
      config: run.config,
      hash: inputs.hash,
      blocks: blocks.fingerprint,
      tables: tables.fingerprint,
      targets: targets.fingerprint,
      gates: gates.fingerprint,
    },
    async produce(draft, progress) {
      const results = await resultsOf(run, inputs, progress.update);
      await draft.writeJson("results.json", resultsSchema, results);
      await draft.writeJson(
        "live.json",
        liveCheckSchema,
        await compareLive(run, inputs, costsOf(run, inputs).adaptive, progress),
      );
    },
    load: async (entry) => ({
      results: await entry.readJson("results.json", resultsSchema),
      live: await entry.readJson("live.json", liveCheckSchema),
    }),
    describe: ({ results, live }) =>
      `${results.curves.length} curves; live against replay: ${live.images * live.runs.length - live.differences} of ${live.images * live.runs.length} decisions equal`,
  });
}

type Update = (done: number, total: number, unit: string) => void;

async function resultsOf(run: Run, inputs: EvaluationInputs, update: Update): Promise<Results> {
  const { config } = run;
  const { tables, targets, gates, prepared, dataset } = inputs;
  const space = pathSpaceOf(config);
  const levels = levelsOf(config);
  const costs = costsOf(run, inputs);
  const measure = measureWith(config.seed, space.exitCount);

  const most = levels[0] ?? float;
  const lambdas = lambdaGrid();
  const thresholds = thresholdGrid({
    validation: tables.validation,
    measure: "maxProbability",
    level: most,
    exitCount: space.exitCount,
  });
  const settings = lambdas.length + thresholds.length;
  /** Measures a policy at each setting; between two the event loop runs, so that a stop is heard. */
  const sweep = async (
    grid: readonly number[],
    before: number,
    costTable: CostTable,
    policyAt: (setting: number) => Policy,
  ) => {
    const points: Sweep[number][] = [];
    for (const [i, setting] of grid.entries()) {
      await new Promise((next) => setImmediate(next));
      run.signal.throwIfAborted();
      points.push({ setting, ...measure.both(policyAt(setting), tables, costTable) });
      update(before + i + 1, settings, "settings");
    }
    return points;
  };
  const quee = await sweep(lambdas, 0, costs.adaptive, (lambda) =>
    queePolicy({ predict: (view) => gates.predict(view), costs: costs.adaptive, lambda, space }),
  );
  const threshold = await sweep(thresholds, lambdas.length, costs.exits, (value) =>
    maxProbabilityThreshold({ threshold: value, level: most }),
  );
  const statics = levels.map((level) => {
    const path = wholeNetwork(level, space.exitCount);
    const cost = staticCost(level, most, config.cost.model);
    const table: CostTable = { ...costs.exits, byPath: new Map([[pathKey(path), cost]]) };
    return { setting: level, ...measure.both(staticPolicy(path), tables, table) };
  });

  const operatingPoints = config.budgets.map((budget) =>
    operatingPoint(budget, quee, { "threshold-max-probability": threshold, "static-ptq": statics }),
  );
  const shown = operatingPoints.flatMap(({ lambda }) => (lambda === null ? [] : [lambda]));
  const replays = [...new Set(shown)].map((lambda) => ({
    lambda,
    replay: quee.find((p) => p.setting === lambda)?.testReplay as Replay,
  }));
  return {
    schemaVersion: resultsSchemaVersion,
    experiment: { config: config.name, configHash: inputs.hash, seed: config.seed },
    dataset: dataset.name,
    splits: {
      train: tables.train.count,
      validation: tables.validation.count,
      calibration: config.calibration.images,
      test: tables.test.count,
    },
    backbone: {
      name: config.backbone.model,
      top1: measure.top1(tables.test, wholeNetwork(float, space.exitCount)),
      macs: Math.round(prepared.anatomy.totalMacs),
      exits: [...config.exits],
      levels: [...levels],
      exitTop1: uniformPaths(float, space.exitCount).map((path) => measure.top1(tables.test, path)),
    },
    paths: legalPaths(space).map(pathKey),
    cost: {
      model: config.cost.model,
      unit: costs.adaptive.unit,
      unitCost: costs.adaptive.unitCost,
      ...costShares(prepared, most, costs.adaptive.unitCost),
    },
    curves: [
      curve("quee", "lambda", quee),
      curve("threshold-max-probability", "threshold", threshold),
      curve("static-ptq", "bits", statics),
    ],
    gates: gateDiagnostics({
      gates,
      table: tables.test,
      targets: (path, table) => targetsOf(targets, path, table),
    }).map((one) => ({ ...one })),
    clusters: { K: config.clusters.count, ...scoreErrorTargets(targets, { ...tables.test, paths: legalPaths(space) }) },
    operatingPoints,
    classes: {
      names: [...dataset.test.classNames],
      points: replays.map(({ lambda, replay: taken }) => classPoint(lambda, taken, tables.test, space.exitCount)),
    },
    examples:
      replays.length === 0
        ? []
        : examplesOf(replays[Math.floor(replays.length / 2)] as (typeof replays)[number], tables.test),
  };
}

function costShares({ anatomy }: Prepared, most: number, unitCost: number) {
  const share = (macs: number) => (macs * most) / unitCost;
  return { stem: share(anatomy.macs.stem), heads: anatomy.macs.heads.map(share) };
}
