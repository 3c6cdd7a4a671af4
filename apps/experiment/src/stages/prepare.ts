import { QueeError } from "@quee/core";
import { breakdownOf, networkMacs } from "@quee/cost-model";
import { exitHeadsSchema, exitHeadsToJson, parseExitHeads } from "@quee/exit-heads";
import { checkFinite, decodeModel, encodeModel } from "@quee/onnx-codec";
import { cleanGraph, type Graph, verifyGraph } from "@quee/onnx-graph";
import { analyzeVit, type BlockGraph, cutBlocks, type Head, type VitAnatomy } from "@quee/vit-blocks";
import { z } from "zod";
import { backboneFiles } from "../backbone/backbone-files.js";
import type { ConfigFile } from "../config/schema.js";
import { type Run, runStage } from "../run/run.js";
import type { Dataset } from "./dataset.js";
import type { ModelFiles } from "./model-files.js";

/** `anatomy.json` */
export const anatomySchema = z.strictObject({
  depth: z.int(),
  tokens: z.int(),
  width: z.int(),
  classCount: z.int(),
  /** Multiply-accumulates of one image. */
  macs: z.strictObject({
    stem: z.number(),
    stemFloat: z.number(),
    blocks: z.array(z.number()),
    heads: z.array(z.number()),
  }),
  totalMacs: z.number(),
  rawNodes: z.int(),
  cleanNodes: z.int(),
});

export interface Prepared {
  readonly model: ModelFiles;
  readonly anatomy: z.infer<typeof anatomySchema>;
  /** Float blocks without heads. */
  readonly blocks: readonly BlockGraph[];
  /** The backbone's own head. */
  readonly finalHead: Head;
}

/** Cleans the exported network, finds its anatomy and cuts it behind the exits. */
export async function prepare(run: Run<ConfigFile>, dataset: Dataset) {
  const { config } = run;
  const model = await backboneFiles(config.backbone, dataset, run.modelRoots, run.directory === null);
  return runStage<Prepared>(run, {
    name: "prepare",
    version: 2,
    inputs: { model: model.sha256, exits: config.exits, classCount: dataset.test.classCount },
    async produce(draft) {
      const raw = decodeModel(model.bytes, { file: model.file });
      checkFinite(raw);
      verifyGraph(raw);
      const graph = cleanGraph(raw);
      const anatomy = analyzeVit(graph);
      assertFits(anatomy, run, dataset, model.file);
      const blocks = cutBlocks(graph, anatomy, config.exits);
      for (const block of blocks) await draft.write(`block-${block.index}.onnx`, encodeModel(block.graph));
      await draft.writeJson("final-head.json", exitHeadsSchema, exitHeadsToJson([anatomy.head]));
      await draft.writeJson("anatomy.json", anatomySchema, {
        depth: anatomy.layers.length,
        tokens: anatomy.tokens,
        width: anatomy.width,
        classCount: anatomy.classCount,
        ...macsOfNetwork(graph, anatomy, config.exits),
        rawNodes: raw.nodes.length,
        cleanNodes: graph.nodes.length,
      });
    },
    async load(entry) {
      const anatomy = await entry.readJson("anatomy.json", anatomySchema);
      const blocks: BlockGraph[] = [];
      let from = 1;
      for (const [j, to] of config.exits.entries()) {
        const file = `block-${j + 1}.onnx`;
        const graph: Graph = decodeModel(await entry.read(file), { file });
        const hasHiddenStates = j + 1 < config.exits.length;
        blocks.push({ index: j + 1, layers: [from, to], graph, input: graph.inputs[0]?.name ?? "", hasHiddenStates });
        from = to + 1;
      }
      const [finalHead] = parseExitHeads(await entry.readJson("final-head.json", exitHeadsSchema));
      return { model, anatomy, blocks, finalHead: finalHead as Head };
    },
    describe: ({ anatomy }) =>
      `${anatomy.depth} layers of ${anatomy.tokens} tokens × ${anatomy.width}, ${(anatomy.totalMacs / 1e6).toFixed(1)} M MACs; ` +
      `${anatomy.rawNodes} operators cleaned to ${anatomy.cleanNodes}`,
  });
}

function macsOfNetwork(graph: Graph, anatomy: VitAnatomy, exits: readonly number[]) {
  const { stem, stemFloat, blocks, heads } = networkMacs(graph, anatomy, exits);
  return {
    macs: { stem, stemFloat, blocks: [...blocks], heads: [...heads] },
    totalMacs: breakdownOf(graph, anatomy).total,
  };
}

/** What is wrong between model, data and config is said before any work. */
function assertFits(anatomy: VitAnatomy, run: Run<ConfigFile>, { name, test }: Dataset, file: string): void {
  const depth = anatomy.layers.length;
  const last = run.config.exits.at(-1);
  if (last !== depth) {
    throw new QueeError({
      code: "E_EXITS",
      kind: "config",
      where: "exits",
      expected: `the last one behind layer ${depth}, the last of ${file}`,
      got: String(last),
    });
  }
  if (anatomy.classCount !== test.classCount) {
    throw new QueeError({
      code: "E_CLASSES",
      kind: "input",
      file,
      where: "logits",
      expected: `${test.classCount} classes, as ${name} has`,
      got: String(anatomy.classCount),
    });
  }
}
