import type { Worker } from "node:worker_threads";
import { QueeError } from "@quee/core";
import { encodeModel } from "@quee/onnx-codec";
import type { Graph } from "@quee/onnx-graph";
import type { Tensor, TensorData } from "@quee/tensor";
import type { Job } from "./messages.js";
import { ownedCopies } from "./owned-copies.js";
import { checkProgram, type Program } from "./program.js";
import type { Outputs, Tensors } from "./session.js";
import type { RunOptions, SessionPool } from "./session-pool.js";
import { notBegun, WorkerThread } from "./worker-thread.js";

/** A run that waits or runs. */
interface Task {
  readonly job: Job;
  readonly keys: ReadonlySet<string>;
  readonly inputs: ReadonlyMap<string, Tensor<TensorData>>;
  readonly transfer: boolean;
  /** In the hands of a worker; false before and while another run is before it. */
  hasBegun: () => boolean;
  readonly resolve: (outputs: Outputs) => void;
  readonly reject: (reason: unknown) => void;
}

/** The pool behind `openPool`; knows workers only as something that `spawn` makes. */
export class WorkerPool implements SessionPool {
  readonly #threads: readonly WorkerThread[];
  readonly #queueLimit: number;
  readonly #models = new Map<string, Uint8Array>();
  readonly #queue: Task[] = [];
  /** Callers of `ready` that wait. */
  readonly #sleepers = new Set<() => void>();
  #closed = false;

  constructor(workers: number, queueLimit: number, spawn: () => Worker) {
    this.#threads = Array.from({ length: workers }, () => new WorkerThread(spawn));
    this.#queueLimit = queueLimit;
  }

  get workers(): number {
    return this.#threads.length;
  }

  register(key: string, model: Graph | Uint8Array): void {
    if (this.#models.has(key)) throw poolError("E_POOL_MODEL", "a new key", `"${key}", which is taken`);
    // A copy of a caller's bytes: they travel to workers with their whole buffer, later, and may change till then.
    this.#models.set(key, model instanceof Uint8Array ? new Uint8Array(model) : encodeModel(model));
  }

  has(key: string): boolean {
    return this.#models.has(key);
  }

  release(key: string): void {
    this.#models.delete(key);
    for (const thread of this.#threads) thread.release(key);
  }

  async ready({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    signal?.throwIfAborted();
    while (!this.#closed && this.#waitingCount() >= this.#queueLimit) {
      await new Promise<void>((wake) => {
        this.#sleepers.add(wake);
        signal?.addEventListener("abort", () => wake(), { once: true });
      });
      signal?.throwIfAborted();
    }
  }

  run(
    key: string,
    feeds: Tensors,
    options: RunOptions & { readonly fetch?: readonly string[] } = {},
  ): Promise<Outputs> {
    return this.#enqueue({ kind: "model", model: key, fetch: options.fetch }, new Set([key]), feeds, options);
  }

  async program(program: Program, inputs: Tensors, options: RunOptions = {}): Promise<Outputs> {
    checkProgram(program, new Set(Object.keys(inputs)));
    const keys = new Set(program.steps.map(({ model }) => model));
    return this.#enqueue({ kind: "program", program }, keys, inputs, options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const task of this.#queue.splice(0)) task.reject(closed());
    this.#wakeSleepers();
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #enqueue(job: Job, keys: ReadonlySet<string>, feeds: Tensors, options: RunOptions): Promise<Outputs> {
    const { signal, transfer = false } = options;
    return new Promise((resolve, reject) => {
      if (this.#closed) throw closed();
      signal?.throwIfAborted();
      const abort = () => {
        // A run that has begun is finished; what a worker makes of one that it was given already is for nobody.
        if (task.hasBegun()) return;
        const at = this.#queue.indexOf(task);
        if (at >= 0) this.#queue.splice(at, 1);
        task.reject(signal?.reason);
        this.#wakeSleepers();
      };
      const deaf = () => signal?.removeEventListener("abort", abort);
      const task: Task = {
        job,
        keys,
        transfer,
        hasBegun: () => false,
        inputs: new Map(Object.entries(feeds)),
        resolve: (outputs) => {
          deaf();
          resolve(outputs);
        },
        reject: (reason) => {
          deaf();
          reject(reason);
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#queue.push(task);
      this.#dispatch();
    });
  }

  /** Runs that no worker is at. */
  #waitingCount(): number {
    return this.#threads.reduce((count, { load }) => count + Math.max(0, load - 1), this.#queue.length);
  }

  /** To whoever has least at hand. */
  #dispatch(): void {
    while (this.#queue.length > 0) {
      const [thread] = this.#threads.filter(({ hasRoom }) => hasRoom).sort((a, b) => a.load - b.load);
      if (thread === undefined) return;
      void this.#runOn(thread, this.#queue.shift() as Task);
    }
  }

  async #runOn(thread: WorkerThread, task: Task): Promise<void> {
    try {
      const models = this.#modelsFor(thread, task.keys);
      const { inputs, buffers } = ownedCopies(task.inputs, task.transfer);
      const request = { kind: "run", job: task.job, inputs, models } as const;
      const answer = thread.run(request, buffers);
      task.hasBegun = () => thread.hasBegun(request);
      const outputs = await answer;
      if (this.#closed) throw closed();
      task.resolve(Object.fromEntries(outputs));
    } catch (error) {
      this.#answerTo(task, error);
    }
    this.#wakeSleepers();
    // A model that was released, or exchanged, while it ran.
    for (const [key, bytes] of thread.open) if (this.#models.get(key) !== bytes) thread.release(key);
    if (!this.#closed) this.#dispatch();
  }

  /** A run that lost its worker before it began gets another, unless its arrays were given away to that one. */
  #answerTo(task: Task, error: unknown): void {
    task.hasBegun = () => false;
    if (this.#closed) task.reject(closed());
    else if (error !== notBegun) task.reject(error);
    else if (task.transfer) task.reject(lost(task.keys));
    else this.#queue.unshift(task);
  }

  #modelsFor(thread: WorkerThread, keys: ReadonlySet<string>): Map<string, Uint8Array> {
    const missing = new Map<string, Uint8Array>();
    for (const key of keys) {
      const bytes = this.#models.get(key);
      if (bytes === undefined) throw poolError("E_POOL_MODEL", "a registered model", `"${key}"`);
      if (!thread.open.has(key)) missing.set(key, bytes);
    }
    return missing;
  }

  #wakeSleepers(): void {
    const sleepers = [...this.#sleepers];
    this.#sleepers.clear();
    for (const wake of sleepers) wake();
  }
}

function closed(): QueeError {
  return poolError("E_POOL_CLOSED", "an open pool", "one that is closed");
}

function lost(models: ReadonlySet<string>): QueeError {
  return new QueeError({
    code: "E_WORKER_DIED",
    kind: "environment",
    where: [...models].map((model) => `model "${model}"`).join(", "),
    expected: "a worker that lives",
    got: "one that died of the run before, with the feeds that were given away to it",
  });
}

function poolError(code: string, expected: string, got: string): QueeError {
  return new QueeError({ code, kind: "internal", where: "session pool", expected, got });
}
