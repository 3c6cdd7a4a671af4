import type { RivalInputs } from "@quee/baselines";
import { legalPaths, type Path, pathKey, uniformPaths } from "@quee/core";
import type { CostModel } from "@quee/cost-model";
import { scoreErrorTargets, targetsOf } from "@quee/error-target-clustering";
import { gateDiagnostics } from "@quee/gate-predictors";
import { mean } from "@quee/metrics";
import { correctAlong } from "@quee/path-tables";
import { type Outcomes, outcomesSchema, type Results, resultsSchema, resultsSchemaVersion } from "@quee/report";
import { chosenPoints, curvePoints, pathStatistics } from "../methods/chosen-points.js";
import { compareMethods, type SeededMethod, underModel } from "../methods/comparison.js";
import { type MeasuredMethod, measureMethod } from "../methods/measured-method.js";
import { outcomesOf } from "../methods/outcomes.js";
import { costModels, type Prices, pricesOf, queePays } from "../methods/prices.js";
import { queeMethod } from "../methods/quee-method.js";
import { levelsOf, pathSpaceOf, type Run, runStage } from "../run/run.js";
import { shiftResults } from "../shift/shift-results.js";
import { type EvaluationInputs, queeCosts, type SeededGates } from "./evaluation-inputs.js";
import { compareLive, type LiveCheck, liveCheckSchema } from "./live-check.js";
import { operatingPoints, queeReplayAt } from "./operating-points.js";
import type { Prepared } from "./prepare.js";
import { float } from "./quantize-blocks.js";
import { classPoint, examplesOf } from "./who-goes-where.js";

export interface Evaluated {
  readonly results: Results;
  readonly outcomes: Outcomes;
  readonly live: LiveCheck;
}

/** Measures QuEE as its rivals were, and says how they stand to each other. */
export async function evaluate(run: Run, inputs: EvaluationInputs) {
  const { tables, seeded, rivals, shifted, blocks } = inputs;
  return runStage<Evaluated>(run, {
    name: "evaluate",
    version: 4,
    inputs: {
      config: run.config,
      hash: inputs.hash,
      blocks: blocks.fingerprint,
      tables: tables.fingerprint,
      gates: seeded.map(({ targets, gates }) => [targets.fingerprint, gates.fingerprint]),
      rivals: rivals.fingerprint,
      shifted: shifted.fingerprint,
    },
    async produce(draft, progress) {
      const { results, outcomes } = await resultsOf(run, inputs, progress.update);
      await draft.writeJson("results.json", resultsSchema, results);
      await draft.writeJson("outcomes.json", outcomesSchema, outcomes);
      const live = await compareLive(run, inputs, queeCosts(run, inputs), progress);
      await draft.writeJson("live.json", liveCheckSchema, live);
    },
    load: async (entry) => ({
      results: await entry.readJson("results.json", resultsSchema),
      outcomes: await entry.readJson("outcomes.json", outcomesSchema),
      live: await entry.readJson("live.json", liveCheckSchema),
    }),
    describe: ({ results, live }) =>
      `${results.curves.length} curves; live against replay: ${live.images * live.runs.length - live.differences} of ${live.images * live.runs.length} decisions equal`,
  });
}

type Update = (done: number, total: number, unit: string) => void;

async function resultsOf(run: Run, inputs: EvaluationInputs, update: Update) {
  const { config } = run;
  const { tables, targets, gates, prepared, dataset, seeded, shifted } = inputs;
  const { test } = tables;
  const space = pathSpaceOf(config);
  const levels = levelsOf(config);
  const paths = [...tables.validation.paths];
  const prices = (model?: CostModel) => pricesOf(config, prepared, paths, model);
  const methods = await seededMethods(run, inputs, prices, update);
  const main = prices();
  const { routing } = config.cost;
  const curves = methods.map(([first, ...others]) => ({
    method: first,
    costs: main(first.pays),
    bySeed: [first, ...others].map((one) => chosenPoints(one, main(one.pays), test)),
  }));
  const queeCost = main(queePays(config, gates));
  const points = operatingPoints(config.budgets, curves);
  const shown = new Map(points.map((point) => [`${point.lambda} ${point.firstBits}`, point]));
  const replays = [...shown.values()].flatMap(({ lambda, firstBits }) =>
    lambda === null ? [] : [{ lambda, replay: queeReplayAt(curves, { lambda, firstBits }) }],
  );
  const fullTop1 = mean(correctAlong(test, wholeNetwork(levels[0] ?? float, space.exitCount))) ?? 0;
  const seeds = seeded.map(({ seed }) => seed);
  const results: Results = {
    schemaVersion: resultsSchemaVersion,
    experiment: { config: config.name, configHash: inputs.hash, seed: config.seed },
    dataset: dataset.name,
    splits: {
      train: tables.train.count,
      validation: tables.validation.count,
      calibration: config.calibration.images,
      test: test.count,
    },
    backbone: {
      name: config.backbone.model,
      top1: mean(correctAlong(test, wholeNetwork(float, space.exitCount))) ?? 0,
      macs: Math.round(prepared.anatomy.totalMacs),
      exits: [...config.exits],
      levels: [...levels],
      exitTop1: uniformPaths(float, space.exitCount).map((path) => mean(correctAlong(test, path)) ?? 0),
    },
    paths: legalPaths(space).map(pathKey),
    cost: {
      model: config.cost.model,
      ...(routing === undefined || routing === config.cost.model ? {} : { routing }),
      unit: queeCost.unit,
      unitCost: queeCost.unitCost,
      ...costShares(prepared, levels[0] ?? float, queeCost.unitCost),
    },
    curves: curves.map(({ method, costs, bySeed: [first = [], ...others] }) => ({
      ...{ method: method.name, parameter: method.parameter, arithmetic: config.arithmetic, exit: "replayed" },
      points: curvePoints(first, costs, test, config.seed),
      ...(others.length === 0
        ? {}
        : {
            seeds: others.map((chosen, s) => ({
              seed: seeds[s + 1] ?? 0,
              points: chosen.map(({ setting, top1, cost }) => ({ setting, top1, cost })),
            })),
          }),
    })),
    gates: gateDiagnostics({
      gates,
      table: test,
      targets: (path, table) => targetsOf(targets, path, table),
    }).map((one) => ({ ...one })),
    clusters: { K: config.clusters.count, ...scoreErrorTargets(targets, { ...test, paths: legalPaths(space) }) },
    operatingPoints: points,
    comparison: {
      ...compareMethods({ methods, test, prices: main, budgets: config.budgets, seeds, fullTop1 }),
      paths: pathStatistics(legalPaths(space), queeCost, test, (path) => correctAlong(test, path)),
      costModels: await otherModels(run, inputs, prices, fullTop1),
    },
    ...(shifted.conditions.length === 0 ? {} : { shift: shiftResults(config, shifted, curves, test) }),
    classes: {
      names: [...dataset.test.classNames],
      points: replays.map(({ lambda, replay: taken }) => classPoint(lambda, taken, test, space.exitCount)),
    },
    examples:
      replays.length === 0 ? [] : examplesOf(replays[Math.floor(replays.length / 2)] as (typeof replays)[number], test),
  };
  const outcomes = outcomesOf(
    dataset.digest("test"),
    test.count,
    curves.map(({ method, bySeed }) => ({ method: method.name, bySeed })),
  );
  return { results, outcomes };
}

type Models = (model?: CostModel) => Prices;

/** QuEE first, then the rivals in their order. */
async function seededMethods(
  run: Run,
  inputs: EvaluationInputs,
  prices: Models,
  update: Update,
): Promise<readonly (readonly [MeasuredMethod, ...MeasuredMethod[]])[]> {
  const { seeded, rivals } = inputs;
  const quee: MeasuredMethod[] = [];
  for (const [s, one] of seeded.entries()) {
    update(s, seeded.length, "seeds");
    quee.push(await measureQuee(run, inputs, one, { counted: prices(), weighed: prices(run.config.cost.routing) }));
  }
  // Patience, for one, has nothing to be patient about where there is one exit.
  const others = rivals.rivals.map(({ bySeed }) => bySeed).filter(([first]) => (first?.settings.length ?? 0) > 0);
  const all = [quee, ...others];
  return all.map((bySeed) => bySeed as readonly [MeasuredMethod, ...MeasuredMethod[]]);
}

function measureQuee(
  run: Run,
  inputs: EvaluationInputs,
  { seed, gates }: SeededGates,
  { counted, weighed }: { readonly counted: Prices; readonly weighed: Prices },
) {
  const { tables, shifted } = inputs;
  const rivalInputs: RivalInputs = {
    ...{ space: pathSpaceOf(run.config), train: tables.train, validation: tables.validation },
    ...{ costs: counted, seed, signal: run.signal },
  };
  const method = queeMethod(gates, { pays: queePays(run.config, gates), budgets: run.config.budgets, weighed });
  return measureMethod(method, {
    ...{ inputs: rivalInputs, prices: [counted], test: tables.test, shifted: shifted.tables },
  });
}

/** The other models of cost: QuEE routes by them, what counts and sorts is fitted to them, what trains is priced anew. */
async function otherModels(
  run: Run,
  inputs: EvaluationInputs,
  prices: Models,
  fullTop1: number,
): Promise<NonNullable<Results["comparison"]>["costModels"]> {
  const sections: NonNullable<Results["comparison"]>["costModels"] = [];
  for (const model of costModels.filter((other) => other !== run.config.cost.model)) {
    const quee = await measureQuee(run, inputs, inputs.seeded[0], { counted: prices(model), weighed: prices(model) });
    const others = inputs.rivals.rivals.map(({ bySeed, byModel }) => [byModel.get(model) ?? bySeed[0]] as SeededMethod);
    sections.push(
      underModel(model, { methods: [[quee], ...others], test: inputs.tables.test, prices: prices(model), fullTop1 }),
    );
  }
  return sections;
}

/** All blocks at one level. */
function wholeNetwork(level: Path[number], exitCount: number): Path {
  return uniformPaths(level, exitCount).at(-1) ?? [];
}

function costShares({ anatomy }: Prepared, most: number, unitCost: number) {
  const share = (macs: number) => (macs * most) / unitCost;
  return { stem: share(anatomy.macs.stem), heads: anatomy.macs.heads.map(share) };
}
