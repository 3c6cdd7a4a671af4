import { AdaptiveClassifier, type AdaptiveModel, exactBlock, type RouterSetting } from "@quee/adaptive-classifier";
import { maxProbabilityThreshold, thresholdGrid } from "@quee/baselines";
import { type Bits, type Policy, QueeError } from "@quee/core";
import { openPool } from "@quee/onnx-session";
import { type BlockSet, Conveyor, type Trip } from "@quee/path-runtime";
import { type PathTable, replay, summarize } from "@quee/path-tables";
import { operatingPointForAccuracy } from "@quee/router";
import { argmaxRows, type Tensor, tensor } from "@quee/tensor";
import type { BenchImages } from "./images.js";

/** How a contestant is opened, once per cell of the bench. */
export interface Cell {
  readonly workers: number;
  readonly batchSize: number;
}

/** What a contestant does with images `from … to − 1`. */
export interface Answers {
  readonly classes: Int32Array;
  /** Milliseconds that gates took of this thread. */
  readonly gateMs: number;
}

export interface OpenContestant {
  run(images: BenchImages, from: number, to: number): Promise<Answers>;
  close(): Promise<void>;
}

export interface Contestant {
  readonly name: string;
  readonly words: string;
  /** The ONNX files that a worker opens. */
  readonly models: readonly Uint8Array[];
  open(cell: Cell): Promise<OpenContestant>;
}

/** A network in one session. */
export function wholeContestant(
  name: string,
  words: string,
  bytes: Uint8Array,
  ports: { input: string; output: string },
): Contestant {
  return {
    ...{ name, words, models: [bytes] },
    async open({ workers, batchSize }) {
      const pool = await openPool({ workers });
      pool.register(name, bytes);
      return {
        async run(images, from, to) {
          const classes = new Int32Array(to - from);
          const starts = Array.from({ length: Math.ceil((to - from) / batchSize) }, (_, i) => from + i * batchSize);
          const next = starts.values();
          const lane = async () => {
            for (const start of next) {
              const rows = images.rows(start, Math.min(start + batchSize, to));
              const outputs = await pool.run(name, { [ports.input]: rows });
              classes.set(argmaxRows(outputs[ports.output] as Tensor), start - from);
            }
          };
          // Every worker has a batch and the next at hand, so that none waits.
          await Promise.all(Array.from({ length: 2 * workers }, lane));
          return { classes, gateMs: 0 };
        },
        close: () => pool.close(),
      };
    },
  };
}

/** Routed inference at one λ, through the product's own class. */
export function routedContestant(
  name: string,
  words: string,
  model: AdaptiveModel,
  setting: RouterSetting,
  models: readonly Uint8Array[],
): Contestant {
  return {
    ...{ name, words, models },
    async open(cell) {
      const spent = { ms: 0 };
      const gates = {
        ...model.gates,
        predict: (view: Parameters<typeof model.gates.predict>[0]) => {
          const begun = performance.now();
          const prediction = model.gates.predict(view);
          spent.ms += performance.now() - begun;
          return prediction;
        },
      };
      const classifier = await AdaptiveClassifier.open({ ...model, gates }, cell);
      return {
        async run(images, from, to) {
          spent.ms = 0;
          const answers = await classifier.classify(images.rows(from, to), setting);
          return { classes: Int32Array.from(answers, (answer) => answer.class ?? -1), gateMs: spent.ms };
        },
        close: () => classifier.close(),
      };
    },
  };
}

/** Exits where the largest probability reaches a threshold, all blocks at one level. */
export function thresholdContestant(
  model: AdaptiveModel,
  { threshold, level }: { readonly threshold: number; readonly level: Bits },
  models: readonly Uint8Array[],
): Contestant {
  return {
    name: "threshold",
    words: `exits at p ≥ ${threshold.toFixed(3)}, all blocks at ${level} bits`,
    models,
    async open({ workers, batchSize }) {
      const { exitCount } = model.gates.space;
      const pool = await openPool({ workers });
      const blocks: BlockSet = {
        exitCount,
        classCount: model.classNames.length,
        model: (block, bits) => `${block}@${bits}`,
      };
      for (let block = 1; block <= exitCount; block++)
        pool.register(blocks.model(block, level), await exactBlock(model, block, level));
      const conveyor = new Conveyor<null>({ pool, blocks, batchSize });
      const trip = tripOf(maxProbabilityThreshold({ threshold, level }));
      return {
        async run(images, from, to) {
          const answerTo = async (i: number) => {
            await conveyor.enter();
            const { shape, data } = images.rows(i, i + 1);
            const { history } = await conveyor.send({ shape: shape.slice(1), data }, trip);
            const last = history[history.length - 1] as Float32Array;
            return argmaxRows(tensor([1, last.length], last))[0] as number;
          };
          const classes = await Promise.all(Array.from({ length: to - from }, (_, i) => answerTo(from + i)));
          return { classes: Int32Array.from(classes), gateMs: 0 };
        },
        close: () => pool.close(),
      };
    },
  };
}

function tripOf(policy: Policy): Trip<null> {
  return { ask: (view) => policy.decide(view).map((action) => ({ action, note: null })) };
}

/** The threshold that costs least on validation images while it loses at most `drop` against full precision. */
export function thresholdFor(
  { gates, floatTop1, routing: [first] }: AdaptiveModel,
  validation: PathTable<"validation">,
  level: Bits,
  drop: number,
): number {
  const { exitCount } = gates.space;
  const points = thresholdGrid({ validation, measure: "maxProbability", level, exitCount }).map((setting) => {
    const policy = maxProbabilityThreshold({ threshold: setting, level });
    const taken = replay(policy, validation, { space: { exitCount } });
    const costs = (first as AdaptiveModel["routing"][number]).costs;
    const { top1, cost } = summarize(taken, validation, costs);
    return { setting, top1, cost };
  });
  const best = points.reduce((most, { top1 }) => Math.max(most, top1), 0);
  const point = operatingPointForAccuracy(points, Math.min(best, floatTop1 - drop));
  if (point !== null) return point.setting;
  throw new QueeError({
    code: "E_THRESHOLD",
    kind: "internal",
    where: "thresholds",
    expected: "one or more",
    got: "none",
  });
}
