import type { Graph } from "@quee/onnx-graph";
import type { Program } from "./program.js";
import type { Outputs, Tensors } from "./session.js";

export interface RunOptions {
  /** A run that has not begun rejects with the signal's reason; one that has begun is finished. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Give the arrays of the feeds away instead of copying them: they are empty afterwards. Only for arrays that fill their
   * buffer; others are copied.
   */
  readonly transfer?: boolean;
}

/**
 * Models that run in worker threads, so that this thread stays free and all cores work. Runs wait in one line, first come first
 * served. Feeds are copied when a run is handed to a worker (see `transfer`): until then do not change them. Answers are the
 * caller's own.
 */
export interface SessionPool {
  readonly workers: number;
  /** Makes a model known. A worker opens it when it first runs it. */
  register(key: string, model: Graph | Uint8Array): void;
  has(key: string): boolean;
  /** Forgets a model and frees it in every worker; runs that wait for it reject. */
  release(key: string): void;
  /** Resolves when fewer than `queueLimit` runs wait: await it before preparing the next batch, and memory stays bounded. */
  ready(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  run(key: string, feeds: Tensors, options?: RunOptions & { readonly fetch?: readonly string[] }): Promise<Outputs>;
  /** Several runs that belong together, in one worker. */
  program(program: Program, inputs: Tensors, options?: RunOptions): Promise<Outputs>;
  /** Ends the workers. Whatever has not been answered rejects. Harmless when called twice. */
  close(): Promise<void>;
}
