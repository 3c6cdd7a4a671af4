import { relative } from "node:path";
import { assertEmptyFolder, publishFolder } from "@quee/artifacts";
import { encodeModel } from "@quee/onnx-codec";
import {
  type BlockEncodings,
  blockEncodingsSchema,
  fakeQuantizeGraph,
  measureSensitivity,
  withStem,
} from "@quee/ptq4vit-quantizer";
import { sensitivityFigure } from "@quee/report";
import { z } from "zod";
import { compareSettings, comparisonFiles } from "./compare.js";
import { findEncodings } from "./find-encodings.js";
import { digestOfImages } from "./images.js";
import { jsonOf } from "./json-of.js";
import { openJob, type QuantizeJob, seenImages } from "./open-job.js";
import { allBatches } from "./prepared-batches.js";
import type { QuantizeRequest } from "./request.js";
import {
  encodingsFileSchema,
  type SensitivityFile,
  sensitivityCsv,
  sensitivityMarkdown,
  sensitivitySchema,
} from "./sensitivity-files.js";
import { networkFile, summarize } from "./summarize.js";
import { type Summary, summaryLines, summarySchema } from "./summary.js";

const foundSchema = z.strictObject({
  levels: z.array(blockEncodingsSchema),
  notes: z.array(z.strictObject({ bits: z.int(), node: z.string(), note: z.string() })),
});

/** `quee quantize`: an exported ViT and images → the network at every level, its scales, sizes and sensitivity. */
export async function quantizeModel(request: QuantizeRequest): Promise<void> {
  await assertEmptyFolder(request.out);
  const job = await openJob(request);
  if (request.isDryRun) return printPlan(job);
  if (request.isCompare) return compareSettings(job);
  const { model, images, progress } = job;
  if (images.calibration.count === 1) progress.line("one calibration image: the scales fit it and nothing else");
  if (images.held.count === 0)
    progress.line("no images beside the calibration images: what follows is measured on those");
  const found = await encode(job);
  const encodings = withStem(found.levels, model.network.sites, request.stem);
  const sensitivity = await sensitivityOf(job, found.levels);
  // A stem at the highest level leaves those of its own lower levels unused.
  const isUsed = ({ node, bits }: Summary["notes"][number]) =>
    encodings.some(({ sites }) => sites.some((site) => site.node === node && site.bits === bits));
  const summary = await summarize(job, encodings, found.notes.filter(isUsed));
  await publishFolder(request.out, async (folder) => {
    for (const one of encodings) {
      await folder.write(networkFile(one.bits), encodeModel(fakeQuantizeGraph(model.network.graph, one)));
    }
    const scales = { schemaVersion: 1, model: model.sha256, levels: encodings };
    await folder.write("encodings.json", jsonOf(encodingsFileSchema, scales));
    await folder.write("sensitivity.json", jsonOf(sensitivitySchema, sensitivity));
    await folder.write("sensitivity.csv", sensitivityCsv(sensitivity));
    await folder.write("sensitivity.md", sensitivityMarkdown(sensitivity));
    await folder.write("sensitivity.svg", sensitivityFigure(sensitivity.rows, { network: model.name }));
    await folder.write("summary.json", jsonOf(summarySchema, summary));
  });
  if (request.isJson) console.log(JSON.stringify({ out: request.out, ...summary }));
  else {
    for (const line of summaryLines(summary)) console.log(line);
    for (const { bits: width, node, note } of summary.notes) console.log(`${node} at ${width} bits: ${note}`);
    console.log(`written to ${relative(process.cwd(), request.out)}`);
  }
}

/** Scales at every level, the stem at the levels too. */
function encode({ request, model, images, step }: QuantizeJob) {
  const { levels, settings, threads, signal } = request;
  return step({ name: "search", title: "search" }, { levels, settings }, foundSchema, async (progress) => {
    const batches = await allBatches(model, images.calibration);
    const { blocks, notes } = await findEncodings({
      ...{ blocks: [model.network], settings, stem: "levels" as const, levels, threads, signal },
      batches: () => batches,
      labels: images.calibration.labels,
      onSite: (done, total) => progress.update(done, total, "products"),
    });
    return { levels: blocks[0], notes: notes.map(({ bits, node, note }) => ({ bits, node, note })) };
  });
}

async function sensitivityOf(job: QuantizeJob, encodings: readonly BlockEncodings[]) {
  const { request, model, step } = job;
  const seen = seenImages(job);
  const inputs = { encodings, images: await digestOfImages(seen) };
  return step(
    { name: "sensitivity", title: "sensitivity" },
    inputs,
    sensitivitySchema,
    async (progress): Promise<SensitivityFile> => {
      const rows = await measureSensitivity({
        ...{ network: model.network, encodings, threads: request.threads, signal: request.signal },
        batches: await allBatches(model, seen),
        onDone: (done, total) => progress.update(done, total, "roundings"),
      });
      return { schemaVersion: 1, images: seen.count, isHeldOut: seen === job.images.held, rows: [...rows] };
    },
  );
}

function printPlan({ request, model, images }: QuantizeJob): void {
  const { levels, isJson, isCompare, out } = request;
  const plan = {
    out,
    products: model.network.sites.length,
    levels,
    calibrationImages: images.calibration.count,
    heldImages: images.held.count,
    files: isCompare ? comparisonFiles : [...levels.map(networkFile), ...tableFiles],
  };
  if (isJson) console.log(JSON.stringify(plan));
  else {
    console.log(`${plan.products} products at ${levels.join(", ")} bits, from ${plan.calibrationImages} images`);
    console.log(`would write to ${out}: ${plan.files.join(", ")}`);
  }
}

const tableFiles = [
  "encodings.json",
  "sensitivity.json",
  "sensitivity.csv",
  "sensitivity.md",
  "sensitivity.svg",
  "summary.json",
];
