import { join } from "node:path";
import { filesUnder, parseJson, readFileChecked, verifyFile } from "@quee/artifacts";
import { type Bits, legalPaths, type PathKey, parsePathKey, pathKey, QueeError } from "@quee/core";
import { preprocessorConfigSchema } from "@quee/datasets";
import { gatesSchema, parseGates } from "@quee/gate-predictors";
import { type ZodType, z } from "zod";
import { type AdaptiveModel, blocksOf, type RoutingTable } from "../model.js";
import {
  costsSchema,
  fingerprintOf,
  type Manifest,
  manifestName,
  manifestSchema,
  manifestVersion,
  routerSchema,
} from "./manifest.js";
import { text } from "./write-model-directory.js";

/** Folders that hold nothing but what a manifest lists. Elsewhere others may add files (a licence, `.git`), which nobody reads. */
const ours = /^(onnx\/quee|quee)\//;
const hint = "Export the run again";

/**
 * Reads a folder that `writeModelDirectory` made. Length and SHA-256 of every file are verified before anything is used.
 * @throws QueeError of kind artifact naming the file that is damaged, missing, or not of this model
 */
export async function readModelDirectory(folder: string): Promise<AdaptiveModel> {
  const manifest = await readManifest(folder);
  const digests = new Map(Object.entries(manifest.files));
  const present = new Set(await filesUnder(folder));
  for (const name of digests.keys()) if (!present.has(name)) throw wrong(folder, name, "the file of the model", "none");
  for (const name of present)
    if (ours.test(name) && !digests.has(name)) throw wrong(folder, name, "no file of this name", "a foreign one");
  for (const [name, digest] of digests) await verifyFile(join(folder, name), digest, { hint });

  const read = (name: string) => {
    const digest = digests.get(name);
    if (digest === undefined) throw wrong(folder, manifestName, `the SHA-256 of ${name}`, "none");
    return readFileChecked(join(folder, name), { digest, hint });
  };
  const readJson = async <T>(name: string, schema: ZodType<T>) =>
    parseJson(await read(name), schema, { file: join(folder, name) });
  const gates = parseGates(await readJson(manifest.gates, gatesSchema), { file: join(folder, manifest.gates) });
  const fileOf = new Map(manifest.blocks.map(({ block, bits: level, file }) => [`${block}@${level}`, file]));
  const blockFileOf = (block: number, level: Bits) => {
    const file = fileOf.get(`${block}@${level}`);
    if (file === undefined) throw wrong(folder, manifestName, `block ${block} at ${level} bits`, "none");
    return file;
  };
  for (const { block, bits } of blocksOf(gates.space)) blockFileOf(block, bits);
  if (gates.architecture.classCount !== manifest.classNames.length) {
    throw wrong(
      folder,
      manifest.gates,
      `gates for ${manifest.classNames.length} classes`,
      String(gates.architecture.classCount),
    );
  }
  const costs = await readJson(manifest.costs, costsSchema);
  const router = await readJson(manifest.router, routerSchema);
  return {
    name: manifest.name,
    arithmetic: manifest.arithmetic,
    imageShape: manifest.imageShape,
    classNames: manifest.classNames,
    preprocessing: await readJson(manifest.preprocessor, preprocessorConfigSchema),
    gates,
    routing: costs.tables.map((table) =>
      routingOf(table, router, legalPaths(gates.space).map(pathKey), (expected) =>
        wrong(folder, manifest.costs, expected, "none"),
      ),
    ),
    floatTop1: router.floatTop1,
    block: (block, level) => read(blockFileOf(block, level)),
  };
}

function routingOf(
  { name, caption, unit, unitCost, byPath }: z.infer<typeof costsSchema>["tables"][number],
  { curves }: z.infer<typeof routerSchema>,
  paths: readonly PathKey[],
  missing: (expected: string) => QueeError,
): RoutingTable {
  const costOf = new Map(Object.entries(byPath).map(([key, cost]) => [pathKey(parsePathKey(key)), cost]));
  const absent = paths.find((path) => !costOf.has(path));
  if (absent !== undefined) throw missing(`a cost of path ${absent} by ${name}`);
  const curve = curves.find(({ costs }) => costs === name);
  if (curve === undefined) throw missing(`a curve over ${name}`);
  return {
    name,
    costs: { name: caption, unit, unitCost, byPath: costOf },
    curve: curve.points.map(({ lambda, ...point }) => ({ setting: lambda, ...point })),
  };
}

async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, manifestName);
  const bytes = await readFileChecked(file, { maxBytes: 2 ** 26, hint });
  const { schemaVersion } = parseJson(bytes, z.looseObject({ schemaVersion: z.int() }), { file });
  if (schemaVersion !== manifestVersion) {
    throw wrong(
      folder,
      manifestName,
      `a model directory of version ${manifestVersion}`,
      `one of version ${schemaVersion}`,
    );
  }
  const manifest = parseJson(bytes, manifestSchema, { file });
  const fingerprint = fingerprintOf(manifest);
  const isItsOwn = manifest.fingerprint === fingerprint && new TextDecoder().decode(bytes) === text(manifest);
  if (!isItsOwn) throw wrong(folder, manifestName, `the fingerprint ${manifest.fingerprint}`, fingerprint);
  return manifest;
}

function wrong(folder: string, name: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_MODEL_DIRECTORY", kind: "artifact", file: join(folder, name), expected, got, hint });
}
