import { type CostTable, costOf, type Path, QueeError } from "@quee/core";
import { openPool, type SessionPool } from "@quee/onnx-session";
import { type Arrival, type BlockSet, Conveyor, type Trip } from "@quee/path-runtime";
import { argmaxRows, type Tensor, tensor } from "@quee/tensor";
import { askGates, type PredictedError } from "./ask-gates.js";
import { readModelDirectory } from "./directory/read-model-directory.js";
import { exactBlock, saturates } from "./exact-weights.js";
import { inOrder } from "./in-order.js";
import { type AdaptiveModel, blocksOf, type RoutingTable } from "./model.js";
import { type Picture, type Pictures, pictureReader, picturesOf } from "./pictures.js";
import { unlessAborted } from "./unless-aborted.js";
import { settingOf, type Wish } from "./wish.js";

export interface ClassifierOptions {
  /** Threads beside this one, one intra-op thread each; as many as cores is best. Default 1. */
  readonly workers?: number;
  /** Images that go through a block together, at most: 32 by default, right for short sequences; about 8 at 197 tokens. */
  readonly batchSize?: number;
  /** Images of all callers under way together; the others wait. It bounds the memory. Default 8 batches. */
  readonly capacity?: number;
  /** Name of the costs that budgets and limits mean, one of the model's. Default: its first, BitOPs. */
  readonly costs?: string;
  /** Milliseconds that only go up, e.g. `() => performance.now()`. Without it answers carry no time. */
  readonly now?: () => number;
}

export type ClassifyOptions = Wish & {
  /** What a single image may cost at most, as a fraction of running everything at the most bits. */
  readonly maxCost?: number;
  /** No answer where the gates expect every way on to be wrong more often than this. */
  readonly abstainAbove?: number;
  readonly signal?: AbortSignal;
};

/** The answer for one image. */
export interface Classification {
  /** The most probable class, the lowest of equals; null where the classifier abstained. */
  readonly class: number | null;
  readonly className: string | null;
  /** p̂ at the exit, [K]. */
  readonly probabilities: Float32Array;
  /** Bits of the blocks that ran. */
  readonly path: Path;
  /** Probability that the answer is wrong, as the last gate foresaw it; null in a network without gates. */
  readonly predictedError: number | null;
  /** Of the path, as a fraction of running everything at the most bits, by the costs that budgets mean. */
  readonly cost: number;
  /** Of the path, gates and heads included; null where the model has no costs in BitOPs. */
  readonly bitOps: number | null;
  /** From the beginning of its preparation to its answer. Only where a clock was given. */
  readonly milliseconds?: number;
}

/** Asks of settings that are in use; a service uses few. */
const asksKept = 64;

/**
 * QuEE behind one class: spends on each image what it is worth. Images of all callers share batches, and every block at every level
 * is opened once per worker. QuEE (arXiv 2406.14404), section 4, inference.
 */
export class AdaptiveClassifier {
  /** What whoever runs a service should know, in sentences. */
  readonly notes: readonly string[];
  readonly #model: AdaptiveModel;
  readonly #pool: SessionPool;
  readonly #conveyor: Conveyor<PredictedError>;
  readonly #capacity: number;
  readonly #routing: RoutingTable;
  /** What λ weighs. */
  readonly #weighed: CostTable;
  readonly #now: (() => number) | undefined;
  readonly #read: ReturnType<typeof pictureReader>;
  readonly #asks = new Map<string, Trip<PredictedError>["ask"]>();

  private constructor(
    model: AdaptiveModel,
    pool: SessionPool,
    blocks: BlockSet,
    notes: readonly string[],
    options: ClassifierOptions,
  ) {
    const { batchSize = 32, capacity = 8 * batchSize, now } = options;
    this.notes = notes;
    this.#model = model;
    this.#pool = pool;
    this.#conveyor = new Conveyor({ pool, blocks, batchSize, capacity });
    this.#capacity = capacity;
    this.#routing = routingNamed(model, options.costs);
    this.#weighed = routingNamed(model, this.#routing.routesBy ?? this.#routing.name).costs;
    this.#now = now;
    this.#read = pictureReader(model.preprocessing, model.imageShape);
  }

  /** Opens a model directory, as `quee export` and `writeModelDirectory` make it. Every file is verified first. */
  static async load(folder: string, options: ClassifierOptions = {}): Promise<AdaptiveClassifier> {
    return AdaptiveClassifier.open(await readModelDirectory(folder), options);
  }

  /** Opens a model from wherever it comes. A worker opens a block when it first runs it. */
  static async open(model: AdaptiveModel, options: ClassifierOptions = {}): Promise<AdaptiveClassifier> {
    const { exitCount } = model.gates.space;
    const blocks: BlockSet = {
      exitCount,
      classCount: model.classNames.length,
      model: (block, bits) => `block ${block} at ${bits} bits`,
    };
    const pool = await openPool({ workers: options.workers ?? 1 });
    try {
      for (const { block, bits } of blocksOf(model.gates.space)) {
        pool.register(blocks.model(block, bits), await exactBlock(model, block, bits));
      }
      const notes = (await saturates(model))
        ? ["This processor's products of uint8 and int8 saturate (no VNNI): weights run as uint8, exact and slower."]
        : [];
      return new AdaptiveClassifier(model, pool, blocks, notes, options);
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  /** Classifies one picture or several. @returns one answer per picture, in order */
  async classify(images: Pictures, options: ClassifyOptions): Promise<readonly Classification[]> {
    const answers: Classification[] = [];
    for await (const answer of this.classifyEach(picturesOf(images), options)) answers.push(answer);
    return answers;
  }

  /**
   * Classifies a stream. Answers come in order, as soon as they are there; pictures are read only as fast as answers are taken, so
   * memory stays bounded however many there are.
   */
  async *classifyEach(
    images: Iterable<Picture> | AsyncIterable<Picture>,
    options: ClassifyOptions,
  ): AsyncGenerator<Classification, void, undefined> {
    const { signal } = options;
    signal?.throwIfAborted();
    const trip: Trip<PredictedError> = { ask: this.#askFor(options), signal };
    const answers = inOrder(images, this.#capacity, (picture, index) => this.#answer(picture, index, trip));
    yield* signal === undefined ? answers : unlessAborted(answers, signal);
  }

  /** Ends the workers. Whatever has not been answered rejects. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #answer(picture: Picture, index: number, trip: Trip<PredictedError>): Promise<Classification> {
    await this.#conveyor.enter();
    const begun = this.#now?.();
    const image = await this.#prepared(picture, index, trip);
    const arrival = await this.#conveyor.send(image, trip);
    const answer = this.#classificationOf(arrival);
    return begun === undefined || this.#now === undefined ? answer : { ...answer, milliseconds: this.#now() - begun };
  }

  /** What it enters with; where that fails, the room is another's. */
  async #prepared(picture: Picture, index: number, { signal }: Trip<PredictedError>): Promise<Tensor> {
    try {
      signal?.throwIfAborted();
      return await this.#read(picture, index);
    } catch (error) {
      this.#conveyor.leave();
      throw error;
    }
  }

  #classificationOf({ path, history, abstained, note }: Arrival<PredictedError>): Classification {
    const { classNames, routing } = this.#model;
    const probabilities = history[history.length - 1] as Float32Array;
    const answer = argmaxRows(tensor([1, classNames.length], probabilities))[0] as number;
    const bitOps = routing.find(({ costs }) => costs.unit === "BitOPs")?.costs;
    return {
      class: abstained ? null : answer,
      className: abstained ? null : (classNames[answer] as string),
      probabilities,
      path,
      predictedError: note,
      cost: costOf(this.#routing.costs, path),
      bitOps: bitOps === undefined ? null : costOf(bitOps, path) * bitOps.unitCost,
    };
  }

  /** One router per setting: callers that ask for the same share it, and so their images are decided together. */
  #askFor({ maxCost, abstainAbove, ...wish }: ClassifyOptions): Trip<PredictedError>["ask"] {
    const setting = settingOf(wish, this.#routing, this.#model);
    const key = [setting.lambda, setting.firstBits, maxCost, abstainAbove].join();
    const known = this.#asks.get(key);
    if (known !== undefined) return known;
    const ask = askGates({
      ...{ gates: this.#model.gates, costs: this.#weighed, counted: this.#routing.costs, ...setting },
      ...(maxCost === undefined ? {} : { maxCost }),
      ...(abstainAbove === undefined ? {} : { abstainAbove }),
    });
    const [oldest] = this.#asks.keys();
    if (this.#asks.size >= asksKept && oldest !== undefined) this.#asks.delete(oldest);
    this.#asks.set(key, ask);
    return ask;
  }
}

function routingNamed({ routing }: AdaptiveModel, name: string | undefined): RoutingTable {
  const found = name === undefined ? routing[0] : routing.find((table) => table.name === name);
  if (found !== undefined) return found;
  const expected = `one of ${routing.map((table) => table.name).join(", ")}`;
  throw new QueeError({ code: "E_COSTS", kind: "usage", where: "costs", expected, got: name ?? "none" });
}
