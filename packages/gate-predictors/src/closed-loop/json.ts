import { legalPaths, parsePathKey, pathKey } from "@quee/core";
import { z } from "zod";
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
import { type ClosedLoop, closedLoopWidths, createClosedLoop } from "./closed-loop.js";

/** Closed-loop gates as they are stored, with the costs that they were trained for. */
export const closedLoopSchema = z.strictObject({
  format: z.literal("quee-closed-loop"),
  version: z.literal(1),
  architecture: architectureSchema,
  space: spaceSchema,
  range: z.strictObject({ lowest: z.number().positive(), highest: z.number().positive() }),
  costs: z.strictObject({
    name: z.string(),
    unit: z.enum(["BitOPs", "ms"]),
    unitCost: z.number(),
    byPath: z.array(z.strictObject({ path: z.string().regex(/^\d+(-\d+)*$/), cost: z.number() })),
  }),
  gates: networksSchema,
});

export type ClosedLoopJson = z.infer<typeof closedLoopSchema>;

export function closedLoopToJson({ architecture, space, range, costs, networks }: ClosedLoop): ClosedLoopJson {
  return {
    format: "quee-closed-loop",
    version: 1,
    architecture: { ...architecture, extraFeatures: [...(architecture.extraFeatures ?? [])] },
    space: spaceToJson(space),
    range: { ...range },
    costs: {
      name: costs.name,
      unit: costs.unit,
      unitCost: costs.unitCost,
      byPath: Array.from(costs.byPath, ([path, cost]) => ({ path, cost })),
    },
    gates: networksToJson(networks),
  };
}

/** @param json a parsed JSON document */
export function parseClosedLoop(json: unknown, { file }: { readonly file?: string } = {}): ClosedLoop {
  const refuse = refusalOf(file);
  const { architecture, range, gates, ...rest } = parseStored(closedLoopSchema, json, refuse);
  checkAgreement(architecture, rest.space, refuse);
  const space = spaceFrom(rest.space);
  const byPath = new Map(rest.costs.byPath.map(({ path, cost }) => [pathKey(parsePathKey(path)), cost]));
  const unpriced = legalPaths(space).find((path) => !byPath.has(pathKey(path)));
  if (unpriced !== undefined) throw refuse("costs.byPath", `a cost of ${pathKey(unpriced)}`, "none");
  const networks = parseNetworks(gates, space.exitCount, closedLoopWidths(architecture), refuse);
  return createClosedLoop({ architecture, space, range, costs: { ...rest.costs, byPath }, networks });
}
