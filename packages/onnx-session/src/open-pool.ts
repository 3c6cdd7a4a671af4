import { QueeError } from "@quee/core";
import type { SessionOptions } from "./session-options.js";
import type { SessionPool } from "./session-pool.js";
import { WorkerPool } from "./worker-pool.js";
import { spawnWorker } from "./worker-thread.js";

export interface PoolOptions extends Pick<SessionOptions, "optimization"> {
  /** Threads beside this one, each with one intra-op thread. As many as there are cores is best. */
  readonly workers: number;
  /** Runs that wait before `ready()` makes callers wait too; twice the workers by default. */
  readonly queueLimit?: number;
}

/** Opens a pool. Close it when done. */
export async function openPool(options: PoolOptions): Promise<SessionPool> {
  const { workers, queueLimit = 2 * workers, optimization = "all" } = options;
  if (!Number.isInteger(workers) || workers < 1 || !(queueLimit >= 1)) {
    throw new QueeError({
      code: "E_POOL_SIZE",
      kind: "usage",
      where: "session pool",
      expected: "one worker and one waiting run or more",
      got: `${workers} and ${queueLimit}`,
    });
  }
  return new WorkerPool(workers, queueLimit, () => spawnWorker({ threads: 1, optimization }));
}
