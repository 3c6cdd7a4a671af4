import type { PlainError } from "@quee/core";
import type { Tensor, TensorData } from "@quee/tensor";
import type { Program } from "./program.js";
import type { SessionOptions } from "./session-options.js";

/** What a worker is told once, when it starts. */
export type WorkerOptions = Pick<SessionOptions, "threads" | "optimization">;

/** What to run: one model for all or some of its outputs, or a program. */
export type Job =
  | { readonly kind: "model"; readonly model: string; readonly fetch: readonly string[] | undefined }
  | { readonly kind: "program"; readonly program: Program };

/** To a worker. */
export type Request =
  | {
      readonly kind: "run";
      readonly job: Job;
      readonly inputs: ReadonlyMap<string, Tensor<TensorData>>;
      /** Models of the job that this worker has not opened yet. */
      readonly models: ReadonlyMap<string, Uint8Array>;
    }
  | { readonly kind: "release"; readonly model: string };

/** From a worker, one for every run, in order. */
export type Reply = { readonly opened: readonly string[] } & (
  | { readonly kind: "done"; readonly outputs: ReadonlyMap<string, Tensor<TensorData>> }
  | ({ readonly kind: "failed" } & PlainError)
);
