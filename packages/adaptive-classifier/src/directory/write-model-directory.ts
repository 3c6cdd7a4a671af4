import { type Content, canonicalJson, parseWith, publishFolder } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import { preprocessorConfigSchema } from "@quee/datasets";
import { gatesSchema, gatesToJson } from "@quee/gate-predictors";
import type { ZodType } from "zod";
import { type AdaptiveModel, blocksOf } from "../model.js";
import {
  blockFile,
  costsSchema,
  fingerprintOf,
  type Manifest,
  manifestName,
  manifestSchema,
  routerSchema,
} from "./manifest.js";

const names = {
  preprocessor: "preprocessor_config.json",
  gates: "quee/gates.json",
  costs: "quee/costs.json",
  router: "quee/router.json",
} as const;

/**
 * Writes a model as one folder that `readModelDirectory` verifies. It is there whole or not at all; a folder with files is refused.
 * @param others whatever else belongs to it, by name: the model card, the full-precision network, figures …
 */
export async function writeModelDirectory(
  folder: string,
  model: AdaptiveModel,
  others: ReadonlyMap<string, Content> = new Map(),
): Promise<void> {
  const { gates, routing, floatTop1 } = model;
  await publishFolder(folder, async (draft) => {
    const write = async (name: string, content: Content) => {
      if (draft.files.has(name) || name === manifestName) throw takenName(folder, name);
      await draft.write(name, content);
    };
    const writeJson = <T>(name: string, schema: ZodType<T>, value: T) =>
      write(name, text(parseWith(schema, value, name, "internal")));
    const blocks: Manifest["blocks"] = [];
    for (const { block, bits } of blocksOf(gates.space)) {
      const file = blockFile(block, bits);
      await write(file, await model.block(block, bits));
      blocks.push({ block, bits, file });
    }
    await writeJson(names.preprocessor, preprocessorConfigSchema, model.preprocessing);
    await writeJson(names.gates, gatesSchema, gatesToJson(gates));
    await writeJson(names.costs, costsSchema, {
      tables: routing.map(({ name, costs: { name: caption, unit, unitCost, byPath } }) => ({
        ...{ name, caption, unit, unitCost },
        byPath: Object.fromEntries(byPath),
      })),
    });
    await writeJson(names.router, routerSchema, {
      floatTop1,
      curves: routing.map(({ name, routesBy, firstGate, curve }) => ({
        costs: name,
        ...(routesBy === undefined ? {} : { routesBy }),
        ...(firstGate === undefined ? {} : { firstGate: firstGate.map((step) => ({ ...step })) }),
        points: curve.map(({ setting, firstBits, top1, cost }) => ({
          ...{ lambda: setting, top1, cost },
          ...(firstBits === undefined ? {} : { firstBits }),
        })),
      })),
    });
    for (const [name, content] of others) await write(name, content);
    const manifest = {
      format: "quee-model" as const,
      schemaVersion: 2 as const,
      name: model.name,
      arithmetic: model.arithmetic,
      imageShape: [...model.imageShape] as Manifest["imageShape"],
      classNames: [...model.classNames],
      blocks,
      ...names,
      files: Object.fromEntries(draft.files),
    };
    const whole = { ...manifest, fingerprint: fingerprintOf(manifest) };
    await draft.write(manifestName, text(parseWith(manifestSchema, whole, manifestName, "internal")));
  });
}

/** The one legal text of a JSON file. */
export function text(value: unknown): string {
  return `${canonicalJson(value, { mode: "lenient", layout: "lines" })}\n`;
}

function takenName(file: string, got: string): QueeError {
  return new QueeError({ code: "E_MODEL_FILE", kind: "internal", file, expected: "each name once", got });
}
