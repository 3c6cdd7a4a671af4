import { legalPaths, type Path, pathKey } from "@quee/core";
import { networkMacs } from "@quee/cost-model";
import type { Graph } from "@quee/onnx-graph";
import { sizeOf } from "@quee/tensor";
import type { VitAnatomy } from "@quee/vit-blocks";
import type { Config } from "../config/schema.js";
import { configuredRivals } from "../methods/configured-rivals.js";
import { wantedBy } from "../methods/rival-tables.js";
import { pathSpaceOf } from "../run/run.js";
import type { Dataset } from "../stages/dataset.js";
import { activationBytes } from "./activation-bytes.js";

/** What time, memory and disk of a run depend on. */
export interface RunShape {
  readonly images: {
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    readonly calibration: number;
  };
  /** Multiply-accumulates of one image; those of the stem are in no block. */
  readonly stemMacs: number;
  readonly blockMacs: readonly number[];
  /** Legal paths of 1, 2, … E blocks; block j runs as often for each image as there are paths of j blocks. */
  readonly pathsOfLength: readonly number[];
  /** B */
  readonly levels: number;
  /** K */
  readonly classCount: number;
  /** F: what a head reads of an image. */
  readonly featureWidth: number;
  /** Of a prepared image. */
  readonly imageNumbers: number;
  /** Of the network in float32. */
  readonly weightBytes: number;
  /** Of one image in a batch. */
  readonly activationBytes: number;
  readonly batchSize: number;
  readonly threads: number;
  readonly headEpochs: number;
  readonly headBatchSize: number;
  readonly quantizer: Config["quantizer"];
  readonly tables: Config["tables"];
  readonly clusters: { readonly count: number; readonly images?: number | undefined; readonly restarts: number };
  readonly gates: {
    readonly maxEpochs: number;
    readonly embedding: number /** Of all gates together. */;
    readonly prefixes: number;
  };
  readonly rivals: {
    readonly names: readonly string[];
    /** Times that each is trained. */
    readonly seeds: number;
    /** What is collected for them alone. */
    readonly beyond: Readonly<Record<"train" | "validation" | "test", RivalTable>>;
  };
}

/** A table of paths that QuEE does not take, and of what heads have read. */
export interface RivalTable {
  readonly paths: number;
  /** Those with features. */
  readonly featurePaths: number;
  /** Runs of block 1, 2, … E for each image. */
  readonly runsOfBlock: readonly number[];
}

/** @param graph cleaned */
export function runShape(
  config: Config,
  graph: Graph,
  anatomy: VitAnatomy,
  { train, validation, test }: Dataset,
  threads: number,
): RunShape {
  const { stem, blocks } = networkMacs(graph, anatomy, config.exits);
  const paths = legalPaths(pathSpaceOf(config));
  const pathsOfLength = config.exits.map((_, j) => paths.filter(({ length }) => length === j + 1).length);
  const { batchSize, clusters, gates, quantizer, calibration, tables } = config;
  return {
    images: {
      ...{ train: train.count, validation: validation.count, test: test.count },
      calibration: calibration.images,
    },
    ...{ stemMacs: stem, blockMacs: blocks, pathsOfLength, levels: config.levels.length },
    ...{ classCount: anatomy.classCount, featureWidth: anatomy.featureWidth, imageNumbers: sizeOf(anatomy.imageShape) },
    weightBytes: [...graph.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0),
    activationBytes: activationBytes(graph),
    ...{
      batchSize,
      threads,
      headEpochs: config.heads.maxEpochs,
      headBatchSize: config.heads.batchSize,
      quantizer,
      clusters,
      tables,
    },
    gates: {
      ...{ maxEpochs: gates.maxEpochs, embedding: gates.embedding },
      prefixes: pathsOfLength.slice(0, -1).reduce((sum, count) => sum + count, 0),
    },
    rivals: rivalsOf(config),
  };
}

function rivalsOf(config: Config): RunShape["rivals"] {
  const rivals = configuredRivals(config, () => {
    throw new Error("nothing is fitted before a run");
  });
  const beyond = (role: "train" | "validation" | "test"): RivalTable => {
    const { paths, featurePaths } = wantedBy({ config }, rivals, role);
    return { paths: paths.length, featurePaths: featurePaths.length, runsOfBlock: runsOfBlock(paths, config.exits) };
  };
  return {
    ...{ names: rivals.map(({ name }) => name), seeds: config.seeds },
    beyond: { train: beyond("train"), validation: beyond("validation"), test: beyond("test") },
  };
}

/** Paths share what they begin with. */
function runsOfBlock(paths: readonly Path[], exits: readonly number[]): readonly number[] {
  return exits.map(
    (_, j) => new Set(paths.filter(({ length }) => length > j).map((path) => pathKey(path.slice(0, j + 1)))).size,
  );
}
