import { bits } from "@quee/core";
import { z } from "zod";
import { widthsOf } from "./architecture.js";
import { createGates, type Gates } from "./gates.js";
import {
  architectureSchema,
  bitWidth,
  checkAgreement,
  gateNumber,
  networksSchema,
  networksToJson,
  parseNetworks,
  parseStored,
  refusalOf,
  spaceFrom,
  spaceSchema,
  spaceToJson,
} from "./stored-networks.js";

const calibrator = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("platt"), slope: z.number(), intercept: z.number() }),
  z
    .strictObject({
      kind: z.literal("isotonic"),
      at: z.array(z.number()).min(1),
      value: z.array(z.number().min(0).max(1)),
    })
    .refine(({ at, value }) => at.length === value.length, "as many values as places"),
]);

const secondVersion = z.strictObject({
  format: z.literal("quee-gates"),
  version: z.literal(2),
  architecture: architectureSchema,
  space: spaceSchema,
  gates: networksSchema,
  calibrations: z.array(z.strictObject({ gate: gateNumber, bits: bitWidth, calibrator })),
});

/** Version 1 knew no extra features and no calibrations. */
const firstVersion = secondVersion
  .extend({ version: z.literal(1), architecture: architectureSchema.omit({ extraFeatures: true }) })
  .omit({ calibrations: true });

/** Gates as they are stored: about 400 numbers each. Files of the first version are read as what they mean in the second. */
export const gatesSchema = z.preprocess((json) => {
  const old = firstVersion.safeParse(json);
  if (!old.success) return json;
  return { ...old.data, version: 2, architecture: { ...old.data.architecture, extraFeatures: [] }, calibrations: [] };
}, secondVersion);

export type GatesJson = z.infer<typeof gatesSchema>;

export function gatesToJson({ architecture, space, networks, calibrations }: Gates): GatesJson {
  return {
    format: "quee-gates",
    version: 2,
    architecture: { ...architecture, extraFeatures: [...(architecture.extraFeatures ?? [])] },
    space: spaceToJson(space),
    gates: networksToJson(networks),
    calibrations: calibrations.map(({ calibrator: of, ...rest }) => ({
      ...rest,
      calibrator: of.kind === "platt" ? of : { kind: of.kind, at: [...of.at], value: [...of.value] },
    })),
  };
}

/** @param json a parsed JSON document */
export function parseGates(json: unknown, { file }: { readonly file?: string } = {}): Gates {
  const refuse = refusalOf(file);
  const { architecture, gates, calibrations, ...rest } = parseStored(gatesSchema, json, refuse);
  const space = spaceFrom(rest.space);
  checkAgreement(architecture, rest.space, refuse);
  const networks = parseNetworks(gates, space.exitCount, widthsOf(architecture), refuse);
  const withBits = calibrations.map((calibration) => ({ ...calibration, bits: bits(calibration.bits) }));
  return createGates(architecture, space, networks, withBits);
}
