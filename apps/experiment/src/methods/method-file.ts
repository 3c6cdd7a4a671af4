import type { StageDraft, StageEntry } from "@quee/artifacts";
import { pathKey, QueeError } from "@quee/core";
import type { PathTable, Replay } from "@quee/path-tables";
import { z } from "zod";
import type { MeasuredMethod } from "./measured-method.js";

const tally = z.strictObject({ right: z.int(), count: z.int(), byPath: z.record(z.string(), z.int()) });

const methodSchema = z.strictObject({
  name: z.string(),
  role: z.enum(["rival", "ceiling", "floor"]),
  parameter: z.string(),
  pays: z.strictObject({ heads: z.enum(["every-exit", "last-exit"]), gateMacs: z.array(z.number()) }),
  trainings: z.int(),
  asksCosts: z.boolean(),
  /** What the path numbers in the rows mean: tables of other runs have other paths. */
  paths: z.array(z.string()),
  settings: z.array(
    z.strictObject({
      setting: z.union([z.number(), z.string()]),
      firstBits: z.int().optional(),
      validation: tally,
      /** Policy of the replay; its rows are in `NAME.bin`, one setting behind the other. */
      test: z.strictObject({ policy: z.string(), exitCount: z.int() }).nullable(),
      shifted: z.array(tally),
    }),
  ),
});

/** Writes `NAME.json`, and `NAME.bin`: for each tested setting path and prediction of every test image, int16 little-endian. */
export async function writeMethod(
  draft: StageDraft,
  name: string,
  method: MeasuredMethod,
  { paths }: Pick<PathTable, "paths">,
): Promise<void> {
  const tested = method.settings.flatMap(({ test }) => (test === null ? [] : [test]));
  const json = {
    ...method,
    paths: paths.map(pathKey),
    pays: { ...method.pays, gateMacs: [...method.pays.gateMacs] },
    settings: method.settings.map(({ test, shifted, ...known }) => ({
      ...{ ...known, shifted: [...shifted] },
      test: test === null ? null : { policy: test.policy, exitCount: test.exitCount },
    })),
  };
  await draft.writeJson(`${name}.json`, methodSchema, methodSchema.parse(json));
  const count = tested[0]?.pathIndex.length ?? 0;
  const bytes = new DataView(new ArrayBuffer(4 * count * tested.length));
  for (const [t, { pathIndex, prediction }] of tested.entries()) {
    for (let i = 0; i < count; i++) {
      bytes.setInt16(4 * (t * count + i), pathIndex[i] ?? 0, true);
      bytes.setInt16(4 * (t * count + i) + 2, prediction[i] ?? 0, true);
    }
  }
  await draft.write(`${name}.bin`, new Uint8Array(bytes.buffer));
}

/** @param test the table that it was replayed on */
export async function readMethod(entry: StageEntry, name: string, test: PathTable<"test">): Promise<MeasuredMethod> {
  const { settings, paths, ...method } = await entry.readJson(`${name}.json`, methodSchema);
  const bytes = await entry.read(`${name}.bin`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tested = settings.filter((one) => one.test !== null).length;
  if (bytes.length !== 4 * tested * test.count) {
    throw new QueeError({
      code: "E_METHOD_FILE",
      kind: "artifact",
      file: `${name}.bin`,
      expected: `${4 * tested * test.count} bytes`,
      got: String(bytes.length),
    });
  }
  const places = new Map<string, number>(test.paths.map((path, p) => [pathKey(path), p]));
  const placeOf = paths.map((key) => places.get(key) ?? -1);
  let at = 0;
  const replayOf = ({ policy, exitCount }: { policy: string; exitCount: number }): Replay => {
    const pathIndex = new Int32Array(test.count);
    const prediction = new Int32Array(test.count);
    for (let i = 0; i < test.count; i++, at += 4) {
      pathIndex[i] = placeOf[view.getInt16(at, true)] ?? -1;
      prediction[i] = view.getInt16(at + 2, true);
    }
    const correct = Uint8Array.from(prediction, (answer, i) => (answer === test.labels[i] ? 1 : 0));
    return { exit: "replayed", policy, exitCount, pathIndex, prediction, correct };
  };
  return {
    ...method,
    settings: settings.map((one) => ({ ...one, test: one.test === null ? null : replayOf(one.test) })),
  };
}
