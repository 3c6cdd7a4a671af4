import { Worker } from "node:worker_threads";
import { fromPlainError, QueeError } from "@quee/core";
import type { Job, Reply, Request, WorkerOptions } from "./messages.js";

type Answer = Extract<Reply, { kind: "done" }>["outputs"];

/** The run that a worker is at. */
interface Waiting {
  readonly request: Extract<Request, { kind: "run" }>;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: QueeError) => void;
}

/**
 * One worker, at most one run at a time. The thread starts with the first run and again after it died, so that a bad model
 * costs one answer, not a worker. While nothing runs it does not keep the process alive.
 */
export class WorkerThread {
  readonly #spawn: () => Worker;
  #worker: Worker | null = null;
  #waiting: Waiting | null = null;
  /** When the last run is over, whichever way. */
  #settled: Promise<void> = Promise.resolve();
  /** Models that are open in the living thread, by key, as the bytes that they were opened from. */
  readonly open = new Map<string, Uint8Array>();

  constructor(spawn: () => Worker) {
    this.#spawn = spawn;
  }

  get busy(): boolean {
    return this.#waiting !== null;
  }

  run(request: Extract<Request, { kind: "run" }>, transfer: readonly ArrayBuffer[]): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#waiting = { request, resolve, reject };
      try {
        this.#worker ??= this.#start();
        this.#worker.ref();
        this.#worker.postMessage(request, transfer);
      } catch (cause) {
        this.#fail("E_WORKER_REQUEST", "a request that a worker takes", cause);
      }
    });
    const settle = () => undefined;
    this.#settled = answer.then(settle, settle);
    return answer;
  }

  release(model: string): void {
    if (this.open.delete(model)) this.#worker?.postMessage({ kind: "release", model } satisfies Request);
  }

  /** After the run that is under way: a thread that ends within a call of onnxruntime takes the process with it. */
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
      this.#fail("E_WORKER_DIED", "a worker that lives", cause);
    };
    worker.on("message", (reply: Reply) => {
      const waiting = this.#idle();
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

  #idle(): Waiting | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#worker?.unref();
    return waiting;
  }

  #fail(code: string, expected: string, cause: unknown): void {
    const waiting = this.#idle();
    waiting?.reject(
      new QueeError({
        code,
        kind: "environment",
        where: modelsOf(waiting.request.job),
        expected,
        got: cause instanceof Error ? cause.message : String(cause),
        cause,
      }),
    );
  }
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
