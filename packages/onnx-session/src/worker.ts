import { parentPort, workerData } from "node:worker_threads";
import { QueeError, toPlainError } from "@quee/core";
import type { Reply, Request, WorkerOptions } from "./messages.js";
import { NativeSession } from "./native-session.js";
import { runProgram } from "./program.js";
import { runFeeds } from "./run-feeds.js";

/** The entry of a worker of the pool. Requests are served one after the other, in the order they came. */
const options = workerData as WorkerOptions;
const sessions = new Map<string, NativeSession>();
let last: Promise<void> = Promise.resolve();

parentPort?.on("message", (request: Request) => {
  last = last.then(() => serve(request));
});

async function serve(request: Request): Promise<void> {
  if (request.kind === "release") {
    const session = sessions.get(request.model);
    sessions.delete(request.model);
    return session?.release();
  }
  const opened: string[] = [];
  const open = async (model: string): Promise<NativeSession> => {
    const known = sessions.get(model);
    if (known !== undefined) return known;
    const bytes = request.models.get(model);
    if (bytes === undefined)
      throw new QueeError({ code: "E_WORKER", kind: "internal", expected: "a model", got: model });
    const session = await NativeSession.open(bytes, { ...options, name: model });
    sessions.set(model, session);
    opened.push(model);
    return session;
  };
  try {
    const { job, inputs } = request;
    const outputs =
      job.kind === "model"
        ? await runFeeds(await open(job.model), inputs, job.fetch)
        : await runProgram(job.program, inputs, open);
    // Several outputs may be one value; a buffer can be given away once only.
    const buffers = new Set([...outputs.values()].map(({ data }) => data.buffer as ArrayBuffer));
    answer({ kind: "done", outputs, opened }, [...buffers]);
  } catch (error) {
    answer({ kind: "failed", ...toPlainError(error), opened }, []);
  }
}

function answer(reply: Reply, transfer: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(reply, transfer);
}
