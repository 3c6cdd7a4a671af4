import { z } from "zod";
import { widthsOf } from "../architecture.js";
import {
  architectureSchema,
  checkAgreement,
  networksSchema,
  networksToJson,
  parseNetworks,
  parseStored,
  refusalOf,
  spaceFrom,
  spaceSchema,
  spaceToJson,
} from "../stored-networks.js";
import { createNextStepGates, type NextStepGates } from "./next-step-gates.js";

/** Next-best-step gates as they are stored. Which λ and costs they serve is known to whoever gave them their losses. */
export const nextStepSchema = z.strictObject({
  format: z.literal("quee-next-step"),
  version: z.literal(1),
  architecture: architectureSchema,
  space: spaceSchema,
  gates: networksSchema,
});

export type NextStepJson = z.infer<typeof nextStepSchema>;

export function nextStepToJson({ architecture, space, networks }: NextStepGates): NextStepJson {
  return {
    format: "quee-next-step",
    version: 1,
    architecture: { ...architecture, extraFeatures: [...(architecture.extraFeatures ?? [])] },
    space: spaceToJson(space),
    gates: networksToJson(networks),
  };
}

/** @param json a parsed JSON document */
export function parseNextStep(json: unknown, { file }: { readonly file?: string } = {}): NextStepGates {
  const refuse = refusalOf(file);
  const { architecture, space, gates } = parseStored(nextStepSchema, json, refuse);
  checkAgreement(architecture, space, refuse);
  const networks = parseNetworks(gates, space.exitCount, widthsOf(architecture), refuse);
  return createNextStepGates(architecture, spaceFrom(space), networks);
}
