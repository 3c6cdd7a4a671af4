import { type Action, assertNever, type Bits, type GateView, type Path, pathKey, QueeError } from "@quee/core";
import type { SessionPool } from "@quee/onnx-session";
import { type Tensor, tensor } from "@quee/tensor";
import type { BlockSet } from "./block-set.js";
import { assertSize } from "./chunks.js";
import { HiddenStates } from "./hidden-states.js";
import type { ImageSource } from "./images.js";
import { runBatch } from "./run-batch.js";
import { departing, groupBy, stackRows, type Traveller } from "./travellers.js";
import { WaitingLines } from "./waiting-lines.js";

/** What a gate says of one image. The newest note leaves with the image. */
export interface GateAnswer<Note> {
  readonly action: Action;
  readonly note: Note;
}

/** Images of one caller: who decides for them, and what ends their way early. */
export interface Trip<Note> {
  /** One answer per image of the view. The first gate (empty prefix) can only continue; behind the last block nobody is asked. */
  readonly ask: (view: GateView) => readonly GateAnswer<Note>[];
  readonly signal?: AbortSignal | undefined;
}

/** Where an image left. */
export interface Arrival<Note> {
  readonly path: Path;
  /** p̂ of every exit passed, oldest first, [K] each; the last is the answer. */
  readonly history: readonly Float32Array[];
  /** The gate behind `path` gave no answer. */
  readonly abstained: boolean;
  /** Of the last gate that was asked. */
  readonly note: Note;
}

export interface ConveyorOptions {
  readonly pool: Pick<SessionPool, "run" | "workers">;
  readonly blocks: BlockSet;
  /** Images that go through a model together, at most; 32 by default. */
  readonly batchSize?: number;
  /** Images under way together, whose hidden states are held, at most twice as many rows. Eight batches by default. */
  readonly capacity?: number;
}

/** An image under way and whom to tell. */
interface Passenger<Note> {
  traveller: Traveller;
  note: Note | undefined;
  readonly trip: Trip<Note>;
  readonly arrive: (arrival: Arrival<Note>) => void;
  readonly fail: (reason: unknown) => void;
}

/** Every passenger carries its own pixels or hidden states. */
const noImages: ImageSource = {
  count: 0,
  batch: () => tensor([0], new Float32Array(0)),
};

/**
 * Carries images of many callers along their paths at the same time. Whoever needs the same model next goes through it together,
 * whichever way and from whichever caller it came; a batch leaves as soon as a worker is free, however small it is, so that one
 * image never waits for company.
 */
export class Conveyor<Note> {
  readonly #options: ConveyorOptions;
  readonly #lines: WaitingLines<Passenger<Note>>;
  readonly #entrants: (() => void)[] = [];
  readonly #hidden = new HiddenStates();
  #room: number;
  #running = 0;
  #isStartDue = false;

  constructor(options: ConveyorOptions) {
    const { batchSize = 32, capacity = 8 * batchSize } = options;
    assertSize("batchSize", batchSize);
    assertSize("capacity", capacity);
    this.#options = options;
    this.#lines = new WaitingLines(batchSize);
    this.#room = capacity;
  }

  /** Resolves when there is room for one more image, first come first served. It must then be sent, or the room given back. */
  async enter(): Promise<void> {
    if (this.#room > 0) {
      this.#room--;
      return;
    }
    // Whoever leaves hands over its place.
    await new Promise<void>((resolve) => this.#entrants.push(resolve));
  }

  /** Gives back the room of an image that is not sent after all. */
  leave(): void {
    const next = this.#entrants.shift();
    if (next === undefined) this.#room++;
    else next();
  }

  /** Carries an image that has entered. @param image preprocessed, [C, H, W] */
  async send(image: Tensor, trip: Trip<Note>): Promise<Arrival<Note>> {
    try {
      return await new Promise<Arrival<Note>>((arrive, fail) => {
        const traveller = { ...departing(0), hidden: image };
        this.#goOn([{ traveller, note: undefined, trip, arrive, fail }]);
      });
    } finally {
      this.leave();
    }
  }

  /** Asks the gates of passengers that came as far. @returns those that continue and wait for their next model */
  #goOn(passengers: readonly Passenger<Note>[]): readonly Passenger<Note>[] {
    const waiting: Passenger<Note>[] = [];
    const { exitCount, classCount } = this.#options.blocks;
    for (const ofTrip of groupBy(passengers, ({ trip }) => trip.ask).values()) {
      for (const together of groupBy(ofTrip, ({ traveller }) => pathKey(traveller.path)).values()) {
        const { trip, traveller } = together[0];
        if (traveller.path.length === exitCount) {
          for (const passenger of together) arriveWith(passenger, false);
          continue;
        }
        let answers: readonly GateAnswer<Note>[];
        try {
          answers = checkedAnswers(traveller.path, together.length, trip.ask(viewOf(together, classCount)));
        } catch (error) {
          for (const passenger of together) this.#fail(passenger, error);
          continue;
        }
        for (const [i, passenger] of together.entries()) if (this.#take(passenger, answers[i])) waiting.push(passenger);
      }
    }
    this.#startSoon();
    return waiting;
  }

  /** @returns whether the passenger continues */
  #take(passenger: Passenger<Note>, { action, note }: GateAnswer<Note>): boolean {
    const { path } = passenger.traveller;
    passenger.note = note;
    switch (action.kind) {
      case "continue":
        this.#lines.add({ block: path.length + 1, bits: action.bits }, passenger);
        return true;
      case "exit":
      case "abstain":
        this.#hidden.release(passenger.traveller.hidden);
        arriveWith(passenger, action.kind === "abstain");
        return false;
      default:
        assertNever(action);
    }
  }

  /** In the next turn of the event loop: what is sent in this one goes together. */
  #startSoon(): void {
    if (this.#isStartDue) return;
    this.#isStartDue = true;
    setImmediate(() => {
      this.#isStartDue = false;
      this.#start();
    });
  }

  #start(): void {
    for (const passenger of this.#lines.takeOut(({ trip: { signal } }) => signal?.aborted === true)) {
      this.#fail(passenger, passenger.trip.signal?.reason);
    }
    // Every worker has a batch and the next at hand, so that none waits for gates.
    while (this.#running < 2 * this.#options.pool.workers) {
      const next = this.#lines.next();
      if (next === null) return;
      this.#running++;
      void this.#carry(next.stop, next.items).then(() => {
        this.#running--;
        this.#startSoon();
      });
    }
  }

  async #carry(stop: { readonly block: number; readonly bits: Bits }, passengers: readonly Passenger<Note>[]) {
    const { pool, blocks } = this.#options;
    const travellers = passengers.map(({ traveller }) => traveller);
    const allocate = (length: number) => this.#hidden.take(length);
    const options = {
      pool,
      blocks,
      images: noImages,
      block: stop.block,
      withFeatures: false,
      signal: undefined,
      allocate,
    };
    let moved: readonly Traveller[];
    try {
      moved = await runBatch({ ...options, batch: { bits: stop.bits, travellers } });
    } catch (error) {
      if (passengers.length === 1) this.#fail(passengers[0], error);
      // One image may spoil a batch (values that are not finite); the others are none of its business.
      else for (const passenger of passengers) await this.#carry(stop, [passenger]);
      return;
    }
    for (const { hidden } of travellers) this.#hidden.release(hidden);
    const [{ hidden }] = moved;
    if (hidden !== null) this.#hidden.hold(hidden.data, passengers.length);
    for (const [i, passenger] of passengers.entries()) passenger.traveller = withOwnAnswer(moved[i]);
    const waiting = this.#goOn(passengers);
    // Few survivors would keep the whole batch in memory.
    if (2 * waiting.length < passengers.length) for (const passenger of waiting) this.#detach(passenger);
  }

  /** Copies what the passenger carries out of the batch that it came in. */
  #detach(passenger: Passenger<Note>): void {
    const { hidden } = passenger.traveller;
    if (hidden === null) return;
    passenger.traveller = { ...passenger.traveller, hidden: { shape: hidden.shape, data: hidden.data.slice() } };
    this.#hidden.release(hidden);
  }

  #fail(passenger: Passenger<Note>, reason: unknown): void {
    this.#hidden.release(passenger.traveller.hidden);
    passenger.fail(reason);
  }
}

function arriveWith<Note>({ traveller, note, arrive }: Passenger<Note>, abstained: boolean): void {
  const { path, history } = traveller;
  arrive({ path, history, abstained, note: note as Note });
}

/** What a gate sees of passengers that came the same way. */
function viewOf(together: readonly Pick<Passenger<unknown>, "traveller">[], classCount: number): GateView {
  const prefix = together[0].traveller.path;
  const history = prefix.map((_, j) => stackRows(together.map(({ traveller }) => traveller.history[j])));
  return { prefix, count: together.length, classCount, history };
}

/** A copy: a view of the batch would keep all of it alive as long as somebody remembers the answer. */
function withOwnAnswer(traveller: Traveller): Traveller {
  const { history } = traveller;
  return { ...traveller, history: history.with(-1, history[history.length - 1].slice()) };
}

/** One answer for everybody; all of them before any is acted upon. */
function checkedAnswers<Note>(
  prefix: Path,
  count: number,
  answers: readonly GateAnswer<Note>[],
): readonly GateAnswer<Note>[] {
  if (answers.length < count) throw badAnswer(prefix, `${answers.length} answers`);
  const impossible = prefix.length > 0 ? undefined : answers.find(({ action }) => action.kind !== "continue");
  if (impossible !== undefined) throw badAnswer(prefix, impossible.action.kind);
  return answers;
}

function badAnswer(prefix: Path, got: string): QueeError {
  const where = prefix.length === 0 ? "the first gate" : `the gate behind ${pathKey(prefix)}`;
  const expected = prefix.length === 0 ? "bits for block 1" : "an action for every image";
  return new QueeError({ code: "E_POLICY_ANSWER", kind: "internal", where, expected, got });
}
