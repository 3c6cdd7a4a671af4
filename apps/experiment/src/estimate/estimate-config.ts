import { breakdownOf } from "@quee/cost-model";
import { decodeModel } from "@quee/onnx-codec";
import { cleanGraph } from "@quee/onnx-graph";
import { analyzeVit } from "@quee/vit-blocks";
import { backboneFiles } from "../backbone/backbone-files.js";
import { namingFile } from "../backbone/naming-file.js";
import type { ConfigFile } from "../config/schema.js";
import type { Run, StageName } from "../run/run.js";
import type { Dataset } from "../stages/dataset.js";
import { type Estimate, estimateRun } from "./estimate-run.js";
import { measureRate } from "./measure-rate.js";
import { runShape } from "./run-shape.js";

/** As many levels as `auto` chooses at most. */
const levelsOfAuto = [8, 7, 6, 5, 4, 3, 2];

export interface MeasuredEstimate extends Estimate {
  /** Of one thread, measured on this machine as it is now. */
  readonly macsPerSecond: number;
}

/** What the stages of a run that are still to do will take. */
export async function estimateConfig(
  { config, modelRoots, threads }: Run<ConfigFile>,
  dataset: Dataset,
  toDo: readonly StageName[],
): Promise<MeasuredEstimate> {
  const { bytes, file } = await backboneFiles(config.backbone, dataset, modelRoots, true);
  const graph = cleanGraph(decodeModel(bytes, { file }));
  const anatomy = namingFile(file, () => analyzeVit(graph));
  const levels = config.levels === "auto" ? levelsOfAuto : config.levels;
  const shape = runShape({ ...config, levels }, graph, anatomy, dataset, threads);
  const { total } = breakdownOf(graph, anatomy);
  const macsPerSecond = await measureRate(graph, anatomy, total, config.batchSize);
  return { ...estimateRun(shape, macsPerSecond, toDo), macsPerSecond };
}
