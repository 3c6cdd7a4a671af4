import { Worker } from "node:worker_threads";
import { fromPlainError, QueeError } from "@quee/core";
import type { Job, Reply, Request, WorkerOptions } from "./messages.js";

type Answer = Extract<Reply, { kind: "done" }>["outputs"];

/** A run that a worker has, and is at or will be. */
interface Waiting {
  readonly request: Extract<Request, { kind: "run" }>;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: QueeError | typeof notBegun) => void;
}

/** One run and the next: a worker that had to ask for each would stand still until this thread has heard of it. */
const runsAtHand = 2;

/** Why a run has no answer though nothing is wrong with it: the worker died of the one before. */
export const notBegun = Symbol("not begun");

/**
 * One worker, which has a run and the next at hand. The thread starts with the first run and again after it died, so that a bad model
 * costs one answer, not a worker. While nothing runs it does not keep the process alive.
 */
export class WorkerThread {
  readonly #spawn: () => Worker;
  #worker: Worker | null = null;
  /** In the order of the runs, which is that of the replies. */
  readonly #waiting: Waiting[] = [];
  /** When all runs are over, whichever way. */
  #settled: Promise<void> = Promise.resolve();
  /** Models that are open in the living thread, by key, as the bytes that they were opened from. */
  readonly open = new Map<string, Uint8Array>();

  constructor(spawn: () => Worker) {
    this.#spawn = spawn;
  }

  /** Runs at hand. */
  get load(): number {
    return this.#waiting.length;
  }

  /** Whether the worker is at this request; it is not yet where another is before it. */
  hasBegun(request: Waiting["request"]): boolean {
    return this.#waiting[0]?.request === request;
  }

  get hasRoom(): boolean {
    return this.load < runsAtHand;
  }

  run(request: Extract<Request, { kind: "run" }>, transfer: readonly ArrayBuffer[]): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      const waiting = { request, resolve, reject };
      this.#waiting.push(waiting);
      try {
        this.#worker ??= this.#start();
        this.#worker.ref();
        this.#worker.postMessage(request, transfer);
      } catch (cause) {
        this.#take(waiting);
        reject(failure(request, "E_WORKER_REQUEST", "a request that a worker takes", cause));
      }
    });
    const settle = () => undefined;
    const before = this.#settled;
    this.#settled = answer.then(settle, settle).then(() => before);
    return answer;
  }

  release(model: string): void {
    if (this.open.delete(model)) this.#worker?.postMessage({ kind: "release", model } satisfies Request);
  }

  /** After the runs at hand: a thread that ends within a call of onnxruntime takes the process with it. */
  async terminate(): Promise<void> {
    await this.#settled;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = this.#spawn();
    const died = (cause: unknown) => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      this.open.clear();
      const [first, ...others] = this.#waiting.splice(0);
      first?.reject(failure(first.request, "E_WORKER_DIED", "a worker that lives", cause));
      for (const { reject } of others) reject(notBegun);
    };
    worker.on("message", (reply: Reply) => {
      const waiting = this.#take(this.#waiting[0]);
      for (const model of reply.opened) this.open.set(model, waiting?.request.models.get(model) as Uint8Array);
      if (reply.kind === "done") waiting?.resolve(reply.outputs);
      else waiting?.reject(fromPlainError(reply));
    });
    worker.on("error", died);
    worker.on("messageerror", (cause) => {
      died(cause);
      void worker.terminate();
    });
    worker.on("exit", (code) => died(new Error(`exit code ${code}`)));
    return worker;
  }

  #take(waiting: Waiting | undefined): Waiting | undefined {
    const at = waiting === undefined ? -1 : this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
    if (this.load === 0) this.#worker?.unref();
    return waiting;
  }
}

function failure(request: Waiting["request"], code: string, expected: string, cause: unknown): QueeError {
  return new QueeError({
    code,
    kind: "environment",
    where: modelsOf(request.job),
    expected,
    got: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

function modelsOf(job: Job): string {
  const models = job.kind === "model" ? [job.model] : job.program.steps.map(({ model }) => model);
  return [...new Set(models)].map((model) => `model "${model}"`).join(", ");
}

/** From sources (tests) the worker is the built file: Node does not read TypeScript. */
export function spawnWorker(options: WorkerOptions): Worker {
  const entry = import.meta.url.endsWith(".ts") ? "../dist/worker.js" : "./worker.js";
  // Flags of this thread are not for it: under tests they resolve packages to sources.
  return new Worker(new URL(entry, import.meta.url), { workerData: options, execArgv: [] });
}
