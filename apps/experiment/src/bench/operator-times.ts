import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Graph } from "@quee/onnx-graph";
import { profileRuns, type Tensors } from "@quee/onnx-session";
import { z } from "zod";
import { spreadOf } from "./interleave.js";

/** Time of one operator in one run. */
export interface OperatorTime {
  /** Of the graph; onnxruntime names those that it fuses. */
  readonly name: string;
  readonly op: string;
  /** Median over the runs. */
  readonly microseconds: number;
}

/** What onnxruntime writes of an operator that ran, and of much else. */
const eventSchema = z.looseObject({
  cat: z.string(),
  name: z.string(),
  dur: z.number(),
  args: z.looseObject({ op_name: z.string().optional() }).optional(),
});
const kernelEnding = "_kernel_time";
/** Half of them warm up. */
const runs = 40;

/** What each operator of a model takes, in running order. Shares say more than sums: the profiler takes time too. */
export async function operatorTimes(
  model: Graph | Uint8Array,
  feeds: Tensors,
  name: string,
): Promise<readonly OperatorTime[]> {
  const folder = await mkdtemp(join(tmpdir(), "quee-profile-"));
  try {
    await profileRuns(model, feeds, { name, runs, filePrefix: join(folder, "profile") });
    const [file = ""] = await readdir(folder);
    const events = z.array(eventSchema).parse(JSON.parse(await readFile(join(folder, file), "utf8")));
    const times = new Map<string, { readonly op: string; readonly microseconds: number[] }>();
    for (const event of events) {
      if (event.cat !== "Node" || !event.name.endsWith(kernelEnding)) continue;
      const operator = event.name.slice(0, -kernelEnding.length);
      const entry = times.get(operator) ?? { op: event.args?.op_name ?? "", microseconds: [] };
      times.set(operator, entry);
      entry.microseconds.push(event.dur);
    }
    return [...times].map(([operator, { op, microseconds }]) => ({
      ...{ name: operator, op },
      microseconds: spreadOf(microseconds.slice(-runs / 2)).median,
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
