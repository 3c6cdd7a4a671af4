import { maxProbabilityThreshold, staticPolicy, thresholdGrid } from "@quee/baselines";
import { type CostTable, legalPaths, type Path, type Policy, pathKey, uniformPaths } from "@quee/core";
import { pathCostTable, staticCost } from "@quee/cost-model";
import { type ErrorTargets, targetsOf } from "@quee/error-target-clustering";
import { type Gates, gateDiagnostics } from "@quee/gate-predictors";
import { brierScore, expectedCalibrationError, tenPartInterval } from "@quee/metrics";
import { type PathTable, type Replay, replay, summarize } from "@quee/path-tables";
import { type CurvePoint, type Results, resultsSchema, resultsSchemaVersion } from "@quee/report";
import { lambdaGrid, operatingPointForBudget, queePolicy } from "@quee/router";
import { argmaxRows, tensor } from "@quee/tensor";
import { type Fingerprinted, levelsOf, pathSpaceOf, type Run, runStage } from "../run/run.js";
import type { Tables } from "./collect.js";
import type { Dataset } from "./dataset.js";
import { compareLive, type LiveCheck, liveCheckSchema } from "./live-check.js";
import type { Prepared } from "./prepare.js";
import { float, type QuantizedBlocks } from "./quantize-blocks.js";

export interface Evaluated {
  readonly results: Results;
  readonly live: LiveCheck;
}

export interface EvaluateInputs {
  readonly dataset: Dataset;
  readonly prepared: Prepared;
  readonly blocks: QuantizedBlocks & Fingerprinted;
  readonly tables: Tables & Fingerprinted;
  readonly targets: ErrorTargets & Fingerprinted;
  readonly gates: Gates & Fingerprinted;
  /** Of the resolved config. */
  readonly hash: string;
}

/** Replays every method on the tables; settings are chosen on validation images and reported on test images. */
export async function evaluate(run: Run, inputs: EvaluateInputs) {
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
      const results = resultsOf(run, inputs, progress.update);
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

/** What a path costs those who visit exits and gates, those who visit exits only, and those who do neither. */
function costsOf({ config }: Run, { prepared, gates }: EvaluateInputs) {
  const space = pathSpaceOf(config);
  const { macs } = prepared.anatomy;
  const common = { macs, paths: legalPaths(space), levels: space.levels, model: config.cost.model };
  // The gate behind the most bits has the most candidates: no gate at its exit costs more.
  const gateMacs = uniformPaths(levelsOf(config)[0] ?? float, space.exitCount - 1).map((prefix) => gates.macs(prefix));
  return {
    adaptive: pathCostTable({ ...common, gateMacs }),
    exits: pathCostTable({ ...common, gateMacs: gateMacs.map(() => 0) }),
  };
}

type Update = (done: number, total: number, unit: string) => void;

function resultsOf(run: Run, inputs: EvaluateInputs, update: Update): Results {
  const { config } = run;
  const { tables, targets, gates, prepared, dataset } = inputs;
  const space = pathSpaceOf(config);
  const levels = levelsOf(config);
  const costs = costsOf(run, inputs);
  const measure = measureWith(config.seed, space.exitCount);

  const lambdas = lambdaGrid();
  const quee = lambdas.map((lambda, i) => {
    update(i, lambdas.length, "settings of λ");
    const policy = queePolicy({ predict: (view) => gates.predict(view), costs: costs.adaptive, lambda, space });
    return { setting: lambda, ...measure.both(policy, tables, costs.adaptive) };
  });
  const most = levels[0] ?? float;
  const thresholds = thresholdGrid({
    validation: tables.validation,
    measure: "maxProbability",
    level: most,
    exitCount: space.exitCount,
  }).map((threshold) => ({
    setting: threshold,
    ...measure.both(maxProbabilityThreshold({ threshold, level: most }), tables, costs.exits),
  }));
  const statics = levels.map((level) => {
    const path = wholeNetwork(level, space.exitCount);
    const cost = staticCost(level, most, config.cost.model);
    const table: CostTable = { ...costs.exits, byPath: new Map([[pathKey(path), cost]]) };
    return { setting: level, ...measure.both(staticPolicy(path), tables, table) };
  });

  const operatingPoints = config.budgets.map((budget) =>
    operatingPoint(budget, quee, { "threshold-max-probability": thresholds, "static-ptq": statics }),
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
      curve("threshold-max-probability", "threshold", thresholds),
      curve("static-ptq", "bits", statics),
    ],
    gates: gateDiagnostics({
      gates,
      table: tables.test,
      targets: (path, table) => targetsOf(targets, path, table),
    }).map((one) => ({ ...one })),
    clusters: { K: config.clusters.count, ...targetQuality(targets, tables.test, legalPaths(space)) },
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

interface Measured {
  readonly validation: { readonly top1: number; readonly cost: number };
  readonly point: Omit<CurvePoint, "setting">;
  readonly testReplay: Replay;
}

/** Replays a policy on validation and test images. */
function measureWith(seed: number, exitCount: number) {
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

function wholeNetwork(level: Path[number], exitCount: number): Path {
  return uniformPaths(level, exitCount).at(-1) ?? [];
}

function curve(
  method: string,
  parameter: string,
  points: readonly (Measured & { setting: number })[],
): Results["curves"][number] {
  return {
    method,
    parameter,
    arithmetic: "fake-quant",
    exit: "replayed",
    points: points.map(({ setting, point }) => ({ setting, ...point })),
  };
}

type Sweep = readonly (Measured & { readonly setting: number })[];

function operatingPoint(
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

function costShares({ anatomy }: Prepared, most: number, unitCost: number) {
  const share = (macs: number) => (macs * most) / unitCost;
  return { stem: share(anatomy.macs.stem), heads: anatomy.macs.heads.map(share) };
}

/** How well p̃e of the cells fits errors on images that the cells have not seen, mean over paths. QuEE, section 7.2. */
function targetQuality(targets: ErrorTargets, test: PathTable<"test">, paths: readonly Path[]) {
  const scores = paths.map((path) => {
    const answers = argmaxRows(tensor([test.count, test.classCount], test.probabilities(path)));
    const correct = Uint8Array.from(answers, (answer, i) => (answer === test.labels[i] ? 1 : 0));
    const confidence = targetsOf(targets, path, test).map((error) => 1 - error);
    return {
      ece: expectedCalibrationError({ confidence, correct }),
      brier: brierScore({ probability: confidence, outcome: correct }),
    };
  });
  const mean = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
  };
  return { ece: mean(scores.map(({ ece }) => ece)), brier: mean(scores.map(({ brier }) => brier)) };
}

function classPoint(
  lambda: number,
  taken: Replay,
  test: PathTable<"test">,
  exitCount: number,
): Results["classes"]["points"][number] {
  const classes = Array.from({ length: test.classCount }, () => ({
    exits: new Array<number>(exitCount).fill(0),
    correct: 0,
    bits: 0,
    images: 0,
  }));
  for (let i = 0; i < test.count; i++) {
    const path = test.paths[taken.pathIndex[i] ?? 0] ?? [];
    const own = classes[test.labels[i] ?? 0];
    if (own === undefined) continue;
    own.exits[path.length - 1] = (own.exits[path.length - 1] ?? 0) + 1;
    own.correct += taken.correct[i] ?? 0;
    own.bits += path.reduce((sum, level) => sum + level, 0) / path.length;
    own.images++;
  }
  return {
    lambda,
    exits: classes.map(({ exits }) => exits),
    correct: classes.map(({ correct }) => correct),
    meanBits: classes.map(({ bits, images }) => (images === 0 ? null : bits / images)),
  };
}

const examplesPerPath = 12;

function examplesOf(
  { lambda, replay: taken }: { lambda: number; replay: Replay },
  test: PathTable<"test">,
): Results["examples"] {
  return test.paths.flatMap((path, p) => {
    const images: { id: number; label: number; predicted: number }[] = [];
    for (let id = 0; id < test.count && images.length < examplesPerPath; id++) {
      if (taken.pathIndex[id] === p)
        images.push({ id, label: test.labels[id] ?? 0, predicted: taken.prediction[id] ?? 0 });
    }
    return images.length === 0 ? [] : [{ path: pathKey(path), lambda, images }];
  });
}
