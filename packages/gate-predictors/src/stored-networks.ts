import { bits, type PathSpace, QueeError } from "@quee/core";
import type { Tensor } from "@quee/tensor";
import { z } from "zod";
import type { NetworkWidths } from "./architecture.js";
import { type GateNetwork, networkFrom, parametersOf } from "./network.js";

const width = z.int().min(1);
export const gateNumber = z.int().min(2);
export const bitWidth = z.int().min(2).max(32);

const projection = z
  .strictObject({
    ...{ inputs: width, outputs: width },
    weight: z.array(z.number()).readonly(),
    bias: z.array(z.number()).readonly(),
  })
  .refine(
    ({ inputs, outputs, weight, bias }) => weight.length === inputs * outputs && bias.length === outputs,
    "inputs · outputs weights and as many biases as outputs",
  );

const extraFeature = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("top-probabilities"), count: width }),
  z.strictObject({ kind: z.literal("agreement") }),
  z.strictObject({ kind: z.literal("class-token"), width }),
  z.strictObject({ kind: z.literal("projected-token"), byExit: z.array(projection).min(1).readonly() }),
]);

export const architectureSchema = z.strictObject({
  reading: z.enum(["A", "B", "C"]),
  embedding: width.nullable(),
  hidden: width,
  classCount: width,
  exitCount: width,
  extraFeatures: z.array(extraFeature),
});

export const spaceSchema = z.strictObject({
  levels: z.array(bitWidth).min(1),
  exitCount: width,
  order: z.enum(["monotone", "any"]),
  firstBlock: z.enum(["highest", "any"]),
  only: z.array(z.array(bitWidth).min(1)).optional(),
});

export function spaceToJson({ levels, only, ...rules }: PathSpace): z.infer<typeof spaceSchema> {
  return { ...rules, levels: [...levels], ...(only === undefined ? {} : { only: only.map((path) => [...path]) }) };
}

export function spaceFrom({ levels, only, ...rules }: z.infer<typeof spaceSchema>): PathSpace {
  const paths = only?.map((path) => path.map(bits));
  return { ...rules, levels: levels.map(bits), ...(paths === undefined ? {} : { only: paths }) };
}

export const networksSchema = z.array(
  z.strictObject({
    gate: gateNumber,
    parameters: z.array(z.strictObject({ name: z.string(), shape: z.array(width), values: z.array(z.number()) })),
  }),
);

export type NetworksJson = z.infer<typeof networksSchema>;

/** Float32 values are exact in JSON: what is parsed again predicts the same bits. */
export function networksToJson(networks: ReadonlyMap<number, GateNetwork>): NetworksJson {
  return Array.from(networks, ([gate, network]) => ({
    gate,
    parameters: Array.from(parametersOf(network), ([name, { shape, data }]) => ({
      name,
      shape: [...shape],
      values: [...data],
    })),
  }));
}

/** Makes the error for a place in a stored document. */
export type Refuse = (where: string, expected: string, got: string, cause?: unknown) => QueeError;

export function refusalOf(file: string | undefined): Refuse {
  return (where, expected, got, cause) =>
    new QueeError({
      code: "E_GATES",
      kind: "artifact",
      ...(file === undefined ? {} : { file }),
      where,
      expected,
      got,
      cause,
    });
}

/** The document as `schema` reads it. */
export function parseStored<T>(schema: z.ZodType<T>, json: unknown, refuse: Refuse): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "document";
  throw refuse(where, "gates as this version writes them", issue?.message ?? "something else", parsed.error);
}

/** The networks of the gates 2 … `exitCount`; each parameter must have the shape that its architecture gives it. */
export function parseNetworks(
  stored: NetworksJson,
  exitCount: number,
  widths: NetworkWidths,
  refuse: Refuse,
): ReadonlyMap<number, GateNetwork> {
  const expected = Array.from({ length: exitCount - 1 }, (_, i) => i + 2).join(", ");
  const got = stored.map(({ gate }) => gate).join(", ");
  if (got !== expected) throw refuse("gates", `the gates ${expected}`, `the gates ${got}`);
  return new Map(
    stored.map(({ gate, parameters }) => {
      const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
      const find = (name: string, shape: readonly number[]): Tensor => {
        const parameter = byName.get(name);
        const where = `gate ${gate}, ${name}`;
        if (parameter === undefined) throw refuse(where, `values of shape [${shape.join(", ")}]`, "none");
        const size = shape.reduce((product, dim) => product * dim, 1);
        if (parameter.shape.join() !== shape.join() || parameter.values.length !== size) {
          const found = `shape [${parameter.shape.join(", ")}] and ${parameter.values.length} values`;
          throw refuse(where, `shape [${shape.join(", ")}] and ${size} values`, found);
        }
        return { shape, data: Float32Array.from(parameter.values) };
      };
      return [gate, networkFrom(widths, find)];
    }),
  );
}

/** What two parts of a document say about the same thing. */
export function checkAgreement(
  { exitCount, reading, embedding }: z.infer<typeof architectureSchema>,
  space: z.infer<typeof spaceSchema>,
  refuse: Refuse,
): void {
  if (space.exitCount !== exitCount) throw refuse("space.exitCount", String(exitCount), String(space.exitCount));
  if ((reading === "B") !== (embedding === null)) {
    throw refuse("architecture.embedding", `one that reading ${reading} has`, String(embedding));
  }
}
