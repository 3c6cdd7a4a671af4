import { fromPlainError, type PlainError, QueeError } from "@quee/core";
import { Tinypool } from "tinypool";
import { type EncodedSite, encodeSite, type SiteJob } from "./encode-site.js";
import { openMultiplier } from "./multiplier.js";

export type SearchReply = { readonly encoded: EncodedSite } | { readonly failed: PlainError };

export interface EncodeOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onSite: (job: SiteJob) => void;
}

/** Searches sites, in this thread or several at a time in others. */
export interface SiteSearch {
  /** In the order of the jobs. After a failure or a stop no job is begun; those under way are waited for. */
  encode(jobs: readonly SiteJob[], options: EncodeOptions): Promise<readonly EncodedSite[]>;
  close(): Promise<void>;
}

/** @param workers threads beside this one; 0 searches in this one, one site after the other */
export async function openSiteSearch(workers: number): Promise<SiteSearch> {
  if (workers > 0) return openPool(workers);
  const multiplier = await openMultiplier();
  return {
    encode: (jobs, options) => inLanes(jobs, 1, options, (job) => encodeSite(job, multiplier)),
    close: () => multiplier.release(),
  };
}

/** What a site saw is copied when a worker takes it up, so that no more than one copy per worker is held. */
function openPool(workers: number): SiteSearch {
  // From sources (tests) the worker is the built file: Node does not read TypeScript.
  const entry = import.meta.url.endsWith(".ts") ? "../../dist/search/search-worker.js" : "./search-worker.js";
  const pool = new Tinypool({
    filename: new URL(entry, import.meta.url).href,
    runtime: "worker_threads",
    minThreads: workers,
    maxThreads: workers,
    // Flags of this thread are not for them: under tests they resolve packages to sources.
    execArgv: [],
  });
  return {
    encode: (jobs, options) =>
      inLanes(jobs, workers, options, async (job) => {
        const reply: SearchReply = await pool.run(job).catch((cause: unknown) => {
          throw lostWorker(job, cause);
        });
        if ("failed" in reply) throw fromPlainError(reply.failed);
        return reply.encoded;
      }),
    close: () => pool.destroy(),
  };
}

function lostWorker({ captured }: SiteJob, cause: unknown): QueeError {
  return new QueeError({
    code: "E_WORKER_DIED",
    kind: "environment",
    where: `site "${captured.site.node}"`,
    expected: "a worker that lives",
    got: cause instanceof Error ? cause.message : String(cause),
    hint: "Fewer workers or a smaller memory budget need less memory",
    cause,
  });
}

/** The pool is told nothing of a stop: it would end a thread within a call of onnxruntime, and with it the process. */
async function inLanes(
  jobs: readonly SiteJob[],
  lanes: number,
  { signal, onSite }: EncodeOptions,
  encode: (job: SiteJob) => Promise<EncodedSite>,
): Promise<readonly EncodedSite[]> {
  const encoded: EncodedSite[] = new Array(jobs.length);
  const failures: unknown[] = [];
  let next = 0;
  const lane = async () => {
    while (next < jobs.length && failures.length === 0) {
      const at = next++;
      try {
        signal?.throwIfAborted();
        encoded[at] = await encode(jobs[at]);
        onSite(jobs[at]);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (failures.length > 0) throw failures[0];
  return encoded;
}
