import type { Command } from "commander";
import { addAnalyse } from "./verbs/analyse.js";
import { addBench } from "./verbs/bench.js";
import { addCompare } from "./verbs/compare.js";
import { addData } from "./verbs/data.js";
import { addDoctor } from "./verbs/doctor.js";
import { addExport } from "./verbs/export.js";
import { addFinetune } from "./verbs/finetune.js";
import { addPretrain } from "./verbs/pretrain.js";
import { addQuantize } from "./verbs/quantize.js";
import { addRun } from "./verbs/run.js";
import { addScale } from "./verbs/scale.js";
import { addStage } from "./verbs/stage.js";

/** Adds the verbs, one file each, in the order of the help. */
export function addCommands(program: Command, signal: AbortSignal): void {
  for (const add of [
    addRun,
    addStage,
    addAnalyse,
    addCompare,
    addPretrain,
    addFinetune,
    addQuantize,
    addData,
    addDoctor,
    addExport,
    addBench,
    addScale,
  ])
    add(program, signal);
}
