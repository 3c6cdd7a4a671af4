import { resolve } from "node:path";
import { openStageCache, type StageCache, stageKey } from "@quee/artifacts";
import { QueeError, type SplitRole } from "@quee/core";
import type { AnyImageSplit } from "@quee/datasets";
import { runtimeVersion } from "@quee/onnx-session";
import type { z } from "zod";
import { thisProcess } from "../run/machine.js";
import { openProgress } from "../run/open-progress.js";
import { duration, type Progress, type StageProgress } from "../run/progress.js";
import { type DrawnImages, digestOfImages, drawImages, openImages } from "./images.js";
import { type Model, readModel } from "./model.js";
import type { QuantizeRequest } from "./request.js";

/** A model, its images, and a cache of what was worked out before. */
export interface QuantizeJob {
  readonly request: QuantizeRequest;
  readonly model: Model;
  readonly images: DrawnImages;
  readonly progress: Progress;
  /** The result of a step, from the cache where the same was made before. @param title for the person who watches */
  step<T>(
    step: { readonly name: string; readonly title: string },
    inputs: Readonly<Record<string, unknown>>,
    schema: z.ZodType<T>,
    produce: (progress: StageProgress) => Promise<unknown>,
  ): Promise<T>;
}

export async function openJob(request: QuantizeRequest): Promise<QuantizeJob> {
  const model = await readModel(request.model, request.preprocessing);
  const source = await openImages(request.data, request.calibrate, "train");
  const images = drawImages(source, request.images, request.heldImages, request.seed);
  if (request.settings.method === "ptq4vit" && request.settings.gradient === "ce-label") assertClasses(model, source);
  const progress = openProgress();
  const common = {
    model: model.sha256,
    preprocessing: model.preprocessing,
    calibration: await digestOfImages(images.calibration),
    platform: { onnxruntime: runtimeVersion, architecture: process.arch },
  };
  let cache: Promise<StageCache> | undefined;
  const step: QuantizeJob["step"] = async ({ name, title }, inputs, schema, produce) => {
    request.signal.throwIfAborted();
    // The same cache as that of experiments.
    cache ??= openStageCache(resolve("runs", ".cache"), thisProcess());
    const key = stageKey({ stage: `quantize-${name}`, version: 1, inputs: { ...common, ...inputs } });
    const line = progress.begin(title);
    const from = performance.now();
    const { entry, cached } = await (await cache).produce(key, async (draft) => {
      await draft.writeJson("result.json", schema, schema.parse(await produce(line)));
    });
    line.end(cached ? "cached" : duration((performance.now() - from) / 1000));
    return entry.readJson("result.json", schema);
  };
  return { request, model, images, progress, step };
}

/** Labels are of use only where they are those of the model. */
export function assertClasses({ file, anatomy }: Model, { name, classCount }: AnyImageSplit<SplitRole>): void {
  if (anatomy.classCount === classCount) return;
  throw new QueeError({
    ...{ code: "E_CLASSES", kind: "input", file, where: "logits" },
    ...{ expected: `${classCount} classes, as ${name} has`, got: String(anatomy.classCount) },
  });
}

/** Images to measure on: others than those of the calibration, where there are any. */
export function seenImages({ images: { calibration, held } }: QuantizeJob) {
  return held.count > 0 ? held : calibration;
}
