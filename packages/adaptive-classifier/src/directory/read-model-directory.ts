import { join } from "node:path";
import { filesUnder, parseJson, readFileChecked, verifyFile } from "@quee/artifacts";
import { type Bits, bits, legalPaths, nextLevels, type PathSpace, parsePathKey, pathKey, QueeError } from "@quee/core";
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
  manifestVersions,
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
      routingOf(table, { costs, router, space: gates.space }, (file, expected, got) =>
        wrong(folder, manifest[file], expected, got),
      ),
    ),
    floatTop1: router.floatTop1,
    block: (block, level) => read(blockFileOf(block, level)),
  };
}

interface Stored {
  readonly costs: z.infer<typeof costsSchema>;
  readonly router: z.infer<typeof routerSchema>;
  readonly space: PathSpace;
}

function routingOf(
  { name, caption, unit, unitCost, byPath }: Stored["costs"]["tables"][number],
  { costs, router, space }: Stored,
  refused: (file: "costs" | "router", expected: string, got: string) => QueeError,
): RoutingTable {
  const costOf = new Map(Object.entries(byPath).map(([key, cost]) => [pathKey(parsePathKey(key)), cost]));
  const absent = legalPaths(space).find((path) => !costOf.has(pathKey(path)));
  if (absent !== undefined) throw refused("costs", `a cost of path ${pathKey(absent)} by ${name}`, "none");
  const stored = router.curves.find((one) => one.costs === name);
  if (stored === undefined) throw refused("router", `a curve over ${name}`, "none");
  const { routesBy, firstGate, points } = stored;
  if (routesBy !== undefined && !costs.tables.some((table) => table.name === routesBy)) {
    throw refused("router", `a table of costs that ${name} routes by`, routesBy);
  }
  const levels = nextLevels([], space);
  const steps = firstGate?.map(({ from, bits: level }) => ({ from, bits: bits(level) }));
  const curve = points.map(({ lambda, firstBits, ...point }) => ({
    ...{ setting: lambda, ...point },
    ...(firstBits === undefined ? {} : { firstBits: bits(firstBits) }),
  }));
  const named = [...(steps ?? []).map((step) => step.bits), ...curve.flatMap(({ firstBits }) => firstBits ?? [])];
  const stranger = named.find((one) => !levels.includes(one));
  if (stranger !== undefined) {
    throw refused("router", `block 1 at one of ${levels.join(", ")} bits, by ${name}`, String(stranger));
  }
  return {
    name,
    costs: { name: caption, unit, unitCost, byPath: costOf },
    ...(routesBy === undefined ? {} : { routesBy }),
    ...(steps === undefined ? {} : { firstGate: steps }),
    curve,
  };
}

async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, manifestName);
  const bytes = await readFileChecked(file, { maxBytes: 2 ** 26, hint });
  const { schemaVersion } = parseJson(bytes, z.looseObject({ schemaVersion: z.int() }), { file });
  if (!manifestVersions.some((known) => known === schemaVersion)) {
    const expected = `a model directory of version ${manifestVersions.join(" or ")}`;
    throw wrong(folder, manifestName, expected, `one of version ${schemaVersion}`);
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
