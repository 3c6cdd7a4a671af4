import { type ErrorFacts, QueeError } from "@quee/core";
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
  | { readonly kind: "failed"; readonly error: Omit<ErrorFacts, "cause">; readonly cause: string }
);

/** An error in a form that crosses threads: classes do not. */
export function factsOf(error: unknown): { readonly error: Omit<ErrorFacts, "cause">; readonly cause: string } {
  if (!(error instanceof QueeError)) {
    const got = error instanceof Error ? error.message : String(error);
    return { error: { code: "E_WORKER", kind: "internal", expected: "an answer of the worker", got }, cause: got };
  }
  const { code, kind, file, where, expected, got, hint } = error;
  return {
    error: {
      code,
      kind,
      expected,
      got,
      ...(file === undefined ? {} : { file }),
      ...(where === undefined ? {} : { where }),
      ...(hint === undefined ? {} : { hint }),
    },
    cause: error.cause instanceof Error ? error.cause.message : error.message,
  };
}

export function errorFrom({ error, cause }: { readonly error: Omit<ErrorFacts, "cause">; readonly cause: string }) {
  return new QueeError({ ...error, cause: new Error(cause) });
}
