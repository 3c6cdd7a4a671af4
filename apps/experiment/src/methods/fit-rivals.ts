import { type StageEntry, stageKey } from "@quee/artifacts";
import type { Rival, RivalInputs } from "@quee/baselines";
import type { CostModel } from "@quee/cost-model";
import type { PathTable } from "@quee/path-tables";
import { z } from "zod";
import { duration, type StageProgress } from "../run/progress.js";
import { type Fingerprinted, headTrainingOf, pathSpaceOf, type Run, runStage } from "../run/run.js";
import type { Tables } from "../stages/collect.js";
import { type MeasuredMethod, measureMethod } from "./measured-method.js";
import { readMethod, writeMethod } from "./method-file.js";
import { costModels, type Prices } from "./prices.js";

/** A rival, fitted and measured. */
export interface MeasuredRival {
  /** One per seed, the config's own first; one only where nothing is trained. */
  readonly bySeed: readonly MeasuredMethod[];
  /**
   * Under other models of cost than the config's, rules that follow from costs are fitted anew. The others are not here, nor is
   * what trains: they are priced anew.
   */
  readonly byModel: ReadonlyMap<CostModel, MeasuredMethod>;
  /** Wall clock of fitting all settings, by seed; without the replays, which measure a method and are no part of it. */
  readonly seconds: readonly number[];
}

export interface FitRivalsOptions {
  readonly rivals: readonly Rival[];
  readonly tables: Tables;
  readonly shifted: readonly PathTable<"test">[];
  readonly prices: (model: CostModel) => Prices;
  /** What the tables depend on. */
  readonly tablesKey: Readonly<Record<string, unknown>>;
  /** What error targets depend on: only ceilings know them. */
  readonly targetsKey: string;
}

interface Job {
  readonly rival: Rival;
  readonly seed: number;
  readonly model: CostModel;
}

const effortSchema = z.strictObject({ seconds: z.number() });
const doneSchema = z.strictObject({ keys: z.array(z.string()) });

/** Fits every rival; each is kept by itself, so that a stop loses one of them at most. */
export async function fitRivals(run: Run, options: FitRivalsOptions) {
  const { rivals, tables, shifted, prices, tablesKey, targetsKey } = options;
  const { seed, seeds, cost, gates } = run.config;
  const space = pathSpaceOf(run.config);
  const keyOf = ({ rival, seed, model }: Job) => {
    const settings = { heads: headTrainingOf(run.config), gates };
    const targets = rival.role === "ceiling" ? targetsKey : null;
    const inputs = { tablesKey, targets, space, settings, rival: rival.name, seed, model, platform: run.platform };
    return stageKey({ stage: "rival", version: 4, inputs });
  };
  const produce = (job: Job, progress: StageProgress, place: number) =>
    run.cache.produce(keyOf(job), async (draft) => {
      const unit = `rivals, ${job.rival.name}`;
      let seconds = 0;
      const timed: Rival = {
        ...job.rival,
        async fit(given) {
          const begun = performance.now();
          const fitted = await job.rival.fit(given);
          seconds = (performance.now() - begun) / 1000;
          return fitted;
        },
      };
      const inputs: RivalInputs = {
        ...{ space, train: tables.train, validation: tables.validation },
        ...{ costs: prices(job.model), seed: job.seed, signal: run.signal },
        onTraining: (trainings) => progress.update(place, rivals.length, `${unit} training ${trainings}`),
      };
      const method = await measureMethod(timed, {
        ...{ inputs, prices: pricesToTest(job), test: tables.test, shifted: job.model === cost.model ? shifted : [] },
        onSetting: () => progress.update(place, rivals.length, unit),
      });
      await writeMethod(draft, "method", method, tables.test);
      await draft.writeJson("effort.json", effortSchema, { seconds });
      if (method.trainings > 0) {
        progress.note(`${job.rival.name}, seed ${job.seed}: ${method.trainings} trainings in ${duration(seconds)}`);
      }
    });
  /** What is not fitted anew is tested wherever one of the models chooses it. */
  const pricesToTest = ({ model }: Job) => (model === cost.model ? costModels.map(prices) : [prices(model)]);

  const measureAll = async (
    open: (job: Job, place: number) => Promise<StageEntry>,
  ): Promise<readonly MeasuredRival[]> => {
    const measured: MeasuredRival[] = [];
    for (const [place, rival] of rivals.entries()) {
      const entries: StageEntry[] = [];
      const methodAt = async (job: Job) => {
        const entry = await open(job, place);
        entries.push(entry);
        return readMethod(entry, "method", tables.test);
      };
      const first = await methodAt({ rival, seed, model: cost.model });
      const bySeed = [first];
      const byModel = new Map<CostModel, MeasuredMethod>();
      if (first.trainings > 0) {
        for (let s = 1; s < seeds; s++) bySeed.push(await methodAt({ rival, seed: seed + s, model: cost.model }));
      }
      const seconds = await Promise.all(
        entries.map(async (entry) => (await entry.readJson("effort.json", effortSchema)).seconds),
      );
      if (first.trainings === 0 && first.asksCosts) {
        for (const model of costModels.filter((other) => other !== cost.model)) {
          byModel.set(model, await methodAt({ rival, seed, model }));
        }
      }
      measured.push({ bySeed, byModel, seconds });
    }
    return measured;
  };

  const quiet: StageProgress = { update: () => undefined, note: () => undefined };
  return runStage<{ readonly rivals: readonly MeasuredRival[] }>(run, {
    name: "rivals",
    version: 1,
    inputs: { rivals: rivals.map((rival) => keyOf({ rival, seed, model: cost.model }).hash), seeds },
    async produce(draft, progress) {
      const keys: string[] = [];
      await measureAll(async (job, place) => {
        keys.push(keyOf(job).hash);
        return (await produce(job, progress, place)).entry;
      });
      await draft.writeJson("rivals.json", doneSchema, { keys });
    },
    load: async () => ({ rivals: await measureAll(async (job, place) => (await produce(job, quiet, place)).entry) }),
    describe: ({ rivals: all }) => {
      const trainings = all.reduce((sum, { bySeed }) => sum + bySeed.reduce((n, one) => n + one.trainings, 0), 0);
      return `${all.length} rivals, ${trainings} trainings`;
    },
  });
}

export type FittedRivals = Awaited<ReturnType<typeof fitRivals>> & Fingerprinted;
