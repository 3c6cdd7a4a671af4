import { publishFolder } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import { type AnyImageSplit, overlappingImages } from "@quee/datasets";
import { openPool } from "@quee/onnx-session";
import { type BlockEncodings, blockEncodingsSchema, fakeQuantizeGraph } from "@quee/ptq4vit-quantizer";
import type { Tensor } from "@quee/tensor";
import { z } from "zod";
import { agreementOf, answersOf } from "./answers.js";
import { type Comparison, comparisonMarkdown, comparisonSchema } from "./comparison-table.js";
import { findEncodings } from "./find-encodings.js";
import { openImages } from "./images.js";
import { jsonOf } from "./json-of.js";
import { assertClasses, type QuantizeJob } from "./open-job.js";
import { allBatches, preparedBatches } from "./prepared-batches.js";
import { type Variant, variants } from "./variants.js";

export const comparisonFiles = ["comparison.json", "comparison.md"];

const levelsSchema = z.array(blockEncodingsSchema);

/** `quee quantize --compare`: every way to find scales at every level, on labelled images that nothing was calibrated on. */
export async function compareSettings(job: QuantizeJob): Promise<void> {
  const { request, model, images, progress } = job;
  const labelled = await labelledImages(job);
  assertClasses(model, labelled);
  const { graph } = model.network;
  const pool = await openPool({ workers: request.threads });
  try {
    const answers = async (name: string, encodings: readonly BlockEncodings[] | null) => {
      const line = progress.begin("answers");
      const graphs = encodings === null ? [graph] : encodings.map((one) => fakeQuantizeGraph(graph, one));
      const found = await answersOf(graphs, preparedBatches(model, labelled), {
        ...{ pool, signal: request.signal },
        onImages: (done) => line.update(done, labelled.count, "images"),
      });
      line.end(`${name} on ${labelled.count} images`);
      return found;
    };
    const [float] = (await answers("float", null)) as [Tensor];
    const rows: Comparison["rows"] = [];
    let base: readonly BlockEncodings[] = [];
    for (const variant of variants(memoryOf(job))) {
      const encodings = await encode(job, variant, base);
      if (rows.length === 0) base = encodings;
      const found = await answers(variant.name, encodings);
      rows.push({
        ...{ name: variant.name, words: variant.words },
        levels: found.map((logits, l) => {
          const { top1, klDivergence } = agreementOf(float, logits, labelled.labels);
          return { bits: encodings[l]?.bits ?? 0, top1, klDivergence };
        }),
      });
    }
    const comparison: Comparison = {
      ...{ schemaVersion: 1, model: model.name, modelSha256: model.sha256, stem: request.stem, seed: request.seed },
      calibrationImages: images.calibration.count,
      evaluationImages: labelled.count,
      evaluatedOn: labelled.name,
      floatTop1: agreementOf(float, float, labelled.labels).top1,
      rows,
    };
    await publishFolder(request.out, async (folder) => {
      await folder.write("comparison.json", jsonOf(comparisonSchema, comparison));
      await folder.write("comparison.md", comparisonMarkdown(comparison));
    });
    const facts = { out: request.out, ...comparison };
    console.log(request.isJson ? JSON.stringify(facts) : comparisonMarkdown(comparison).trimEnd());
  } finally {
    await pool.close();
  }
}

/** Products that a variant treats like the first row are not searched again: the search takes each product by itself. */
async function encode(
  { request, model, images, step }: QuantizeJob,
  variant: Variant,
  base: readonly BlockEncodings[],
) {
  const { levels, stem, threads, signal } = request;
  const { graph, sites } = model.network;
  const own = sites.filter(variant.differsAt);
  const { metric, ...settings } = { metric: undefined, ...variant.settings };
  const inputs = { levels, stem, settings, metric: metric ?? null, sites: own.map(({ node }) => node) };
  const found = await step({ name: "search", title: variant.name }, inputs, levelsSchema, async (progress) => {
    const batches = await allBatches(model, images.calibration);
    const { blocks } = await findEncodings({
      ...{ blocks: [{ graph, sites: own }], settings: variant.settings, stem, levels, threads, signal },
      batches: () => batches,
      labels: images.calibration.labels,
      onSite: (done, total) => progress.update(done, total, "products"),
    });
    return blocks[0];
  });
  if (own.length === sites.length) return found;
  return base.map((encodings, l) => ({
    ...encodings,
    sites: encodings.sites.map((site) => found[l]?.sites.find(({ node }) => node === site.node) ?? site),
  }));
}

async function labelledImages({ request, images }: QuantizeJob): Promise<AnyImageSplit<"calibration" | "validation">> {
  const { data, evaluate } = request;
  if (evaluate === undefined) {
    if (images.held.count > 0) return images.held;
    throw new QueeError({
      ...{
        code: "E_NO_IMAGES",
        kind: "usage",
        where: "--compare",
        expected: "labelled images beside the calibration images",
      },
      ...{ got: "none", hint: "Name some with --evaluate" },
    });
  }
  const labelled = await openImages(data, evaluate, "validation");
  const shared = await overlappingImages(images.calibration, labelled);
  if (shared === 0) return labelled;
  throw new QueeError({
    code: "E_OVERLAP",
    kind: "usage",
    where: "--evaluate",
    expected: "images that scales are not chosen on",
    got: `${shared} of the calibration images`,
    hint: "Name another file with --calibrate",
  });
}

function memoryOf({ request: { settings } }: QuantizeJob): number {
  return settings.method === "ptq4vit" ? settings.memoryMegabytes : 1024;
}
