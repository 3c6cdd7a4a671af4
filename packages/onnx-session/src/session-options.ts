import type { InferenceSession } from "onnxruntime-node";

/** How a session runs. The CPU is the only provider. */
export interface SessionOptions {
  /** Threads inside one operator; 1 is best where several sessions or workers live side by side. */
  readonly threads?: number;
  /** How far onnxruntime rewrites the graph. Changes the last bits of results. */
  readonly optimization?: "disabled" | "basic" | "extended" | "all";
  /** What error messages call the model. */
  readonly name?: string;
}

/**
 * No memory pattern: it makes every session keep an arena for its largest batch, and runs are no faster with it. Idle threads
 * sleep: threads of several sessions that spin fight for the same cores, ten times slower in measurements.
 */
export function nativeOptions({ threads = 1, optimization = "all" }: SessionOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: optimization,
    enableMemPattern: false,
    // Its errors reach us as exceptions; nothing is printed beside them.
    logSeverityLevel: 4,
    ...(threads === 1 ? {} : { extra: { session: { intra_op: { allow_spinning: "0" } } } }),
  };
}
