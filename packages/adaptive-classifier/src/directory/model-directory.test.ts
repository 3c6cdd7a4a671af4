import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalJson } from "@quee/artifacts";
import { bits, legalPaths, type Path } from "@quee/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AdaptiveClassifier } from "../adaptive-classifier.js";
import type { AdaptiveModel, RoutingTable } from "../model.js";
import { costTables, freeSpace, randomImages, smallGates, smallModel, space } from "../testing/small-model.js";
import { fingerprintOf, manifestName } from "./manifest.js";
import { readModelDirectory } from "./read-model-directory.js";
import { text, writeModelDirectory } from "./write-model-directory.js";

const root = mkdtempSync(join(tmpdir(), "quee-model-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let model: AdaptiveModel;
let folder: string;
let made = 0;
beforeAll(async () => {
  model = await smallModel();
});
beforeEach(async () => {
  folder = join(root, String(made++));
  await writeModelDirectory(folder, model, new Map([["README.md", "# small\n"]]));
});

async function failure(): Promise<Record<string, unknown>> {
  return readModelDirectory(folder).then(
    () => {
      throw new Error("expected a failure, got a model");
    },
    (error: Record<string, unknown>) => error,
  );
}

const names = () =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(folder, name)).isFile());

test("a first gate and the costs that λ weighs are read back, and what no model has is refused", async () => {
  const [first, other] = (await smallModel(freeSpace)).routing as [RoutingTable, RoutingTable];
  const free = { ...model, gates: smallGates(freeSpace) };
  const target = (name: string) => join(root, `free-${name}`);
  const written = async (name: string, change: Partial<RoutingTable>) => {
    await writeModelDirectory(target(name), { ...free, routing: [{ ...first, ...change }, other] });
    return readModelDirectory(target(name));
  };
  const { routing } = await written("whole", { routesBy: "blocks-only" });
  expect(first.firstGate?.length).toBeGreaterThan(1);
  expect(routing.map(({ firstGate }) => firstGate)).toEqual([first.firstGate, other.firstGate]);
  expect(routing.map(({ routesBy }) => routesBy)).toEqual(["blocks-only", undefined]);
  const router = { kind: "artifact", file: expect.stringContaining("router.json") };
  await expect(written("stranger", { firstGate: [{ from: 0, bits: bits(7) }] })).rejects.toMatchObject({
    ...{ ...router, expected: "block 1 at one of 8, 6, 4 bits, by with-stem", got: "7" },
  });
  await expect(written("euros", { routesBy: "euros" })).rejects.toMatchObject({ ...router, got: "euros" });
  await expect(written("late", { firstGate: [{ from: 0.1, bits: bits(8) }] })).rejects.toThrow(/the first from 0/);
});

test("a directory of version 1, which knew neither, is read as ever", async () => {
  const file = join(folder, manifestName);
  const { fingerprint: _, ...manifest } = JSON.parse(readFileSync(file, "utf8"));
  const older = { ...manifest, schemaVersion: 1 };
  writeFileSync(file, text({ ...older, fingerprint: fingerprintOf(older) }));
  expect((await readModelDirectory(folder)).routing.map(({ name }) => name)).toEqual(Object.keys(costTables));
});

test("what is read back is what was written", async () => {
  const read = await readModelDirectory(folder);
  const { block: _, gates: __, ...facts } = read;
  const { block: ___, gates: ____, ...expected } = model;
  expect(facts).toEqual({
    ...expected,
    routing: expected.routing.map(({ curve, ...rest }) => ({
      ...rest,
      curve: curve.map(({ setting, firstBits, top1, cost }) => ({ setting, firstBits, top1, cost })),
    })),
  });
  for (const level of space.levels) expect(await read.block(2, level)).toEqual(await model.block(2, level));
  const view = { prefix: [bits(8)] as Path, count: 1, classCount: 4, history: [Float32Array.of(0.1, 0.2, 0.3, 0.4)] };
  expect(read.gates.predict(view)).toEqual(model.gates.predict(view));
  expect(legalPaths(read.gates.space)).toEqual(legalPaths(space));
});

test("a loaded directory classifies as the model in memory does", async () => {
  const images = randomImages(20);
  const [memory, disk] = [await AdaptiveClassifier.open(model), await AdaptiveClassifier.load(folder)];
  try {
    const wish = { budget: 0.7 };
    expect(await disk.classify(images, wish)).toEqual(await memory.classify(images, wish));
    expect(disk.notes).toEqual([]);
  } finally {
    await memory.close();
    await disk.close();
  }
});

test("the same model gives the same bytes, and a folder with files is left alone", async () => {
  const again = join(root, String(made++));
  await writeModelDirectory(again, model, new Map([["README.md", "# small\n"]]));
  for (const name of names()) expect(readFileSync(join(again, name))).toEqual(readFileSync(join(folder, name)));
  await expect(writeModelDirectory(again, model)).rejects.toMatchObject({ kind: "usage", file: again });
  await expect(writeModelDirectory(join(root, "x"), model, new Map([["quee/gates.json", ""]]))).rejects.toThrow(
    "each name once",
  );
});

test("every file that is cut off, longer or missing is refused by name", async () => {
  for (const name of names()) {
    const file = join(folder, name);
    const whole = readFileSync(file);
    const isRefused = async () => expect(await failure()).toMatchObject({ kind: "artifact", file });
    truncateSync(file, whole.length - 1);
    await isRefused();
    writeFileSync(file, whole);
    appendFileSync(file, "x");
    await isRefused();
    rmSync(file);
    await isRefused();
    writeFileSync(file, whole);
  }
  await readModelDirectory(folder);
});

test("a flipped bit anywhere in the manifest is found, and so is one in the middle of every other file", async () => {
  const flip = async (name: string, at: number) => {
    const file = join(folder, name);
    const whole = readFileSync(file);
    const changed = Buffer.from(whole);
    changed[at] = changed[at]! ^ 1;
    writeFileSync(file, changed);
    expect(await failure()).toMatchObject({ kind: "artifact", file });
    writeFileSync(file, whole);
  };
  const { length } = readFileSync(join(folder, manifestName));
  for (let at = 0; at < length; at += 13) await flip(manifestName, at);
  for (const name of names()) await flip(name, Math.floor(statSync(join(folder, name)).size / 2));
});

test("two files in each other's place are refused, and so is a foreign one", async () => {
  const [one, other] = ["block_01_w8a8.onnx", "block_02_w8a8.onnx"].map((name) => join(folder, "onnx/quee", name)) as [
    string,
    string,
  ];
  renameSync(one, `${one}.aside`);
  expect(await failure()).toMatchObject({ kind: "artifact", file: one });
  renameSync(other, one);
  renameSync(`${one}.aside`, other);
  expect(await failure()).toMatchObject({ kind: "artifact", file: one });
  await writeModelDirectory(join(root, "again"), model);
  folder = join(root, "again");
  writeFileSync(join(folder, "onnx/quee/block_09_w8a8.onnx"), "");
  expect(await failure()).toMatchObject({ file: join(folder, "onnx/quee/block_09_w8a8.onnx"), got: "a foreign one" });
});

test("blocks that no path runs are not written", () => {
  const written = names()
    .filter((name) => name.endsWith(".onnx"))
    .sort();
  const expected = [8, 6, 4].flatMap((level) =>
    [1, 2, 3].flatMap((block) =>
      block === 1 && level < 8 ? [] : [`onnx/quee/block_0${block}_w${level}a${level}.onnx`],
    ),
  );
  expect(written).toEqual(expected.sort());
});

test("files that others put beside ours do no harm", async () => {
  writeFileSync(join(folder, "LICENSE"), "MIT");
  writeFileSync(join(folder, ".gitattributes"), "*.onnx filter=lfs");
  expect((await readModelDirectory(folder)).name).toBe("small");
});

test("a directory of another version, and one that is none, say so", async () => {
  const file = join(folder, manifestName);
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, canonicalJson({ ...manifest, schemaVersion: 9 }));
  expect(await failure()).toMatchObject({ kind: "artifact", file, got: "one of version 9" });
  writeFileSync(file, canonicalJson({ ...manifest, files: { "../secret": { bytes: 0, sha256: "0".repeat(64) } } }));
  expect(await failure()).toMatchObject({ kind: "artifact", file });
  folder = root;
  expect(await failure()).toMatchObject({ kind: "artifact", file: join(root, manifestName) });
});
