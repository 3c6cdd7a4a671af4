import { bits, type PathSpace, QueeError } from "@quee/core";
import type { Tensor } from "@quee/tensor";
import { z } from "zod";
import type { GateArchitecture } from "./architecture.js";
import { createGates, type Gates } from "./gates.js";
import { type GateNetwork, networkFrom, parametersOf } from "./network.js";

const width = z.int().min(1);

/** Gates as they are stored: about 400 numbers each. */
export const gatesSchema = z.strictObject({
  format: z.literal("quee-gates"),
  version: z.literal(1),
  architecture: z.strictObject({
    reading: z.enum(["A", "B", "C"]),
    embedding: width.nullable(),
    hidden: width,
    classCount: width,
    exitCount: width,
  }),
  space: z.strictObject({
    levels: z.array(z.int().min(2).max(32)).min(1),
    exitCount: width,
    order: z.enum(["monotone", "any"]),
    firstBlock: z.enum(["highest", "any"]),
  }),
  gates: z.array(
    z.strictObject({
      gate: z.int().min(2),
      parameters: z.array(z.strictObject({ name: z.string(), shape: z.array(width), values: z.array(z.number()) })),
    }),
  ),
});

export type GatesJson = z.infer<typeof gatesSchema>;

/** Float32 values are exact in JSON: what is parsed again predicts the same bits. */
export function gatesToJson({ architecture, space, networks }: Gates): GatesJson {
  return {
    format: "quee-gates",
    version: 1,
    architecture: { ...architecture },
    space: { ...space, levels: [...space.levels] },
    gates: Array.from(networks, ([gate, network]) => ({
      gate,
      parameters: Array.from(parametersOf(network), ([name, { shape, data }]) => ({
        name,
        shape: [...shape],
        values: [...data],
      })),
    })),
  };
}

/** @param json a parsed JSON document */
export function parseGates(json: unknown, { file }: { readonly file?: string } = {}): Gates {
  const refuse = (where: string, expected: string, got: string, cause?: unknown): QueeError =>
    new QueeError({
      code: "E_GATES",
      kind: "artifact",
      ...(file === undefined ? {} : { file }),
      where,
      expected,
      got,
      cause,
    });
  const parsed = gatesSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join(".") || "document";
    throw refuse(where, "gates as this version writes them", issue?.message ?? "something else", parsed.error);
  }
  const { architecture, gates } = parsed.data;
  const space: PathSpace = { ...parsed.data.space, levels: parsed.data.space.levels.map(bits) };
  checkAgreement(architecture, space, gates, refuse);
  const networks = new Map<number, GateNetwork>();
  for (const { gate, parameters } of gates) {
    const stored = new Map(parameters.map((parameter) => [parameter.name, parameter]));
    const find = (name: string, shape: readonly number[]): Tensor => {
      const parameter = stored.get(name);
      const where = `gate ${gate}, ${name}`;
      if (parameter === undefined) throw refuse(where, `values of shape [${shape.join(", ")}]`, "none");
      const size = shape.reduce((product, dim) => product * dim, 1);
      if (parameter.shape.join() !== shape.join() || parameter.values.length !== size) {
        const got = `shape [${parameter.shape.join(", ")}] and ${parameter.values.length} values`;
        throw refuse(where, `shape [${shape.join(", ")}] and ${size} values`, got);
      }
      return { shape, data: Float32Array.from(parameter.values) };
    };
    networks.set(gate, networkFrom(architecture, find));
  }
  return createGates(architecture, space, networks);
}

type Refuse = (where: string, expected: string, got: string) => QueeError;

function checkAgreement(
  { exitCount, reading, embedding }: GateArchitecture,
  space: PathSpace,
  gates: GatesJson["gates"],
  refuse: Refuse,
): void {
  if (space.exitCount !== exitCount) throw refuse("space.exitCount", String(exitCount), String(space.exitCount));
  if ((reading === "B") !== (embedding === null)) {
    throw refuse("architecture.embedding", `one that reading ${reading} has`, String(embedding));
  }
  const expected = Array.from({ length: exitCount - 1 }, (_, i) => i + 2).join(", ");
  const got = gates.map(({ gate }) => gate).join(", ");
  if (got !== expected) throw refuse("gates", `the gates ${expected}`, `the gates ${got}`);
}
