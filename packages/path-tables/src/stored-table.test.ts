import { test as propertyTest } from "@fast-check/vitest";
import { type ByteSource, byteSourceOf } from "@quee/artifacts";
import { bits, type GateView, legalPaths, type Path, type Policy } from "@quee/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { answersAlong, correctAlong } from "./answers.js";
import { encodeTablePart } from "./encode-part.js";
import { fromHalves, toHalves } from "./float16.js";
import type { ElementType } from "./part-header.js";
import { replay } from "./replay.js";
import { openTableParts } from "./stored-table.js";
import type { PathTable } from "./table.js";
import { tableView } from "./table-view.js";
import { takeSamples } from "./take-samples.js";
import { randomTable } from "./testing/random-table.js";

const space = { levels: [bits(8), bits(6)], exitCount: 3, order: "monotone", firstBlock: "highest" } as const;
const paths = legalPaths(space);
const featurePaths = paths.slice(0, 2);
const width = 5;

/** With features that tell path and sample. */
function withFeatures<Table extends PathTable>(table: Table): Table {
  const features = (path: readonly number[]) =>
    Float32Array.from({ length: table.count * width }, (_, i) => 1000 * path.length + i);
  return { ...table, exitFeatures: features };
}

const tableOf = (count: number) => withFeatures(randomTable("validation", { space, count, classCount: 4, seed: 3 }));

interface Cut {
  readonly partSize: number;
  readonly elementType?: ElementType;
}

function bytesOfParts(table: PathTable, { partSize, elementType }: Cut): readonly Uint8Array[] {
  const froms = Array.from({ length: Math.max(1, Math.ceil(table.count / partSize)) }, (_, part) => part * partSize);
  return froms.map((from) => {
    const samples = Array.from({ length: Math.min(partSize, table.count - from) }, (_, i) => from + i);
    const part = takeSamples(table, samples);
    return Uint8Array.from(encodeTablePart(part, { from, elementType, featurePaths }).flatMap((piece) => [...piece]));
  });
}

/** Counts the bytes that were asked for. */
function counted(parts: readonly Uint8Array[]) {
  const asked = { bytes: 0 };
  const sources = parts.map((bytes, p): ByteSource => {
    const source = { ...byteSourceOf(`part-${p}.qpp`, bytes), hint: "Collect it again" };
    const read = (at: number, length: number) => {
      asked.bytes += length;
      return source.read(at, length);
    };
    return { ...source, read };
  });
  return { asked, sources };
}

const stored = (table: PathTable, cut: Cut, cacheBytes?: number) =>
  openTableParts(
    counted(bytesOfParts(table, cut)).sources,
    "validation",
    cacheBytes === undefined ? {} : { cacheBytes },
  );

propertyTest.prop([
  fc.integer({ min: 1, max: 23 }),
  fc.integer({ min: 1, max: 25 }),
  fc.constantFrom(0, 100, 1_000, 1e6),
  fc.array(fc.nat(1_000)),
])(
  "a table in parts is the table that was written, whatever the parts, the cache and the order of asking",
  (count, partSize, cacheBytes, asked) => {
    const table = tableOf(count);
    const read = stored(table, { partSize }, cacheBytes);
    const samples = asked.map((one) => one % count);
    expect(read).toMatchObject({ role: "validation", count, classCount: 4, paths: table.paths, labels: table.labels });
    for (const path of paths) {
      const view = tableView(table, path, samples);
      const { exitFeatures: _, ...shown } = tableView(read, path, samples);
      expect(shown).toEqual({ prefix: view.prefix, count: view.count, classCount: 4, history: view.history });
      expect(read.probabilities(path)).toEqual(table.probabilities(path));
      expect(answersAlong(read, path)).toEqual(answersAlong(table, path));
      expect(correctAlong(read, path)).toEqual(correctAlong(table, path));
    }
    for (const path of featurePaths) {
      expect(read.exitFeatures?.(path)).toEqual(table.exitFeatures?.(path));
      const all = table.exitFeatures?.(path) as Float32Array;
      const rows = samples.flatMap((sample) => [...all.subarray(sample * width, (sample + 1) * width)]);
      expect([...(read.exitFeatureRows?.(path, samples) ?? [])]).toEqual(rows);
    }
    expect(read.exitFeatures?.(paths[4])).toEqual(new Float32Array(0));
    expect(read.runs.map(({ from }) => from)).toEqual(
      Array.from({ length: Math.ceil(count / partSize) }, (_, p) => p * partSize),
    );
  },
);

test.each([0, 100, 1e6])(
  "other answers are asked for once per column that is read, and kept up to %d bytes",
  (cacheBytes) => {
    const table = tableOf(9);
    const { sources } = counted(bytesOfParts(table, { partSize: 4 }));
    let calls = 0;
    const turned = (path: Path, values: Float32Array) => {
      calls++;
      return values.map((p) => (path.length === 1 ? 1 - p : p));
    };
    const read = openTableParts(sources, "validation", { cacheBytes, answers: turned });
    const [first, second] = [paths[0], paths.find(({ length }) => length === 2) as Path];
    const other = table.probabilities(first).map((p) => 1 - p);
    expect(read.rows(first, [8, 1])).toEqual(Float32Array.of(...other.slice(32, 36), ...other.slice(4, 8)));
    expect(read.probabilities(first)).toEqual(other);
    expect(read.probabilities(second)).toEqual(table.probabilities(second));
    expect(read.exitFeatures?.(first)).toEqual(table.exitFeatures?.(first));
    const before = calls;
    read.probabilities(first);
    expect(calls - before).toBe(cacheBytes === 1e6 ? 0 : 3);
  },
);

test("float16 rounds probabilities to the nearest half and leaves labels and features alone", () => {
  const table = tableOf(9);
  const read = stored(table, { partSize: 4, elementType: "float16" });
  for (const path of paths) {
    const rounded = fromHalves(toHalves(table.probabilities(path)));
    expect(read.probabilities(path)).toEqual(rounded);
    expect(rounded).not.toEqual(table.probabilities(path));
  }
  expect(read.labels).toEqual(table.labels);
  expect(read.exitFeatures?.(featurePaths[0])).toEqual(table.exitFeatures?.(featurePaths[0]));
});

test("float16 takes half of the bytes of float32, labels and headers aside", () => {
  const bytes = (elementType: ElementType) =>
    bytesOfParts(randomTableWithoutFeatures(), { partSize: 50, elementType }).reduce(
      (sum, part) => sum + part.length,
      0,
    );
  const [long, short] = [bytes("float32"), bytes("float16")];
  expect(long - short).toBe(2 * 50 * 4 * paths.length);
});

const randomTableWithoutFeatures = () => tableOf(50);

test("equal tables give equal bytes", () => {
  expect(bytesOfParts(tableOf(7), { partSize: 3 })).toEqual(bytesOfParts(tableOf(7), { partSize: 3 }));
});

const bySureness: Policy = {
  name: "sure enough",
  decide({ prefix, history, count, classCount }: GateView) {
    return Array.from({ length: count }, (_, i) => {
      if (prefix.length === 0) return { kind: "continue", bits: bits(8) } as const;
      const now = (history.at(-1) as Float32Array).subarray(i * classCount, (i + 1) * classCount);
      const sureness = Math.max(...now);
      if (sureness > 0.7) return { kind: "exit" } as const;
      return sureness < 0.4 ? ({ kind: "abstain" } as const) : ({ kind: "continue", bits: bits(6) } as const);
    });
  },
};

propertyTest.prop([fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 1e6)])(
  "a replay over parts is the replay over the table",
  (partSize, cacheBytes) => {
    const table = tableOf(40);
    expect(replay(bySureness, stored(table, { partSize }, cacheBytes), { space })).toEqual(
      replay(bySureness, table, { space }),
    );
  },
);

test("what is asked for is read and no more; a table that fits is read once", () => {
  const bytes = bytesOfParts(tableOf(100), { partSize: 10 });
  const column = 10 * 4 * 4;
  const tight = counted(bytes);
  const small = openTableParts(tight.sources, "validation", { cacheBytes: column });
  const opened = tight.asked.bytes;
  small.rows(paths[3], [34, 35, 39]);
  small.rows(paths[3], [30, 36]);
  expect(tight.asked.bytes - opened).toBe(column);
  small.rows(paths[3], [5, 34]);
  expect(tight.asked.bytes - opened).toBe(3 * column);

  const roomy = counted(bytes);
  const large = openTableParts(roomy.sources, "validation");
  const before = roomy.asked.bytes;
  for (let turn = 0; turn < 3; turn++) for (const path of paths) large.rows(path, [turn, 99 - turn]);
  expect(roomy.asked.bytes - before).toBe(10 * column * paths.length);
});

test("taken samples of a table in files are those of the table", () => {
  const table = tableOf(30);
  const samples = [29, 3, 3, 17];
  const [taken, expected] = [takeSamples(stored(table, { partSize: 7 }, 0), samples), takeSamples(table, samples)];
  expect(taken.labels).toEqual(expected.labels);
  for (const path of paths) {
    expect(taken.probabilities(path)).toEqual(expected.probabilities(path));
    expect(tableView(taken, path, [2, 0]).history).toEqual(tableView(expected, path, [2, 0]).history);
  }
  expect(tableView(taken, paths[0], [3]).exitFeatures).toEqual(tableView(expected, paths[0], [3]).exitFeatures);
});

test("a part out of its place, of another split or of other paths is refused by its file", () => {
  const [first, second] = bytesOfParts(tableOf(8), { partSize: 4 });
  const open = (parts: readonly Uint8Array[], role: "validation" | "test" = "validation") =>
    openTableParts(counted(parts).sources, role);
  expect(() => open([first])).not.toThrow();
  expect(() => open([second, first])).toThrow(/part-0\.qpp: from: expected 0, got 4/);
  expect(() => open([first, first])).toThrow(/part-1\.qpp: from: expected 4, got 0/);
  expect(() => open([first, second], "test")).toThrow(/part-0\.qpp: role: expected samples for test/);
  const [, other] = bytesOfParts(randomLike("train"), { partSize: 4 });
  expect(() => open([first, other])).toThrow(/part-1\.qpp: header: expected .*validation.*, got .*train/);
  expect(() => open([])).toThrow(/expected parts, got none/);
  expect(() => openTableParts(counted([first]).sources, "validation").rows([bits(5)], [0])).toThrow(/got 5/);
});

const randomLike = (role: "train") => withFeatures(randomTable(role, { space, count: 8, classCount: 4, seed: 3 }));

test("every changed byte is found: in the header and the labels at once, in a column when it is read", () => {
  const [bytes] = bytesOfParts(tableOf(3), { partSize: 3 });
  const readAll = (part: Uint8Array) => {
    const read = openTableParts(counted([part]).sources, "validation");
    for (const path of paths) read.probabilities(path);
    for (const path of featurePaths) read.exitFeatures?.(path);
  };
  readAll(bytes);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice();
    damaged[at] ^= 1;
    expect(() => readAll(damaged), `byte ${at}`).toThrow(
      expect.objectContaining({ kind: "artifact", file: "part-0.qpp", hint: "Collect it again" }),
    );
  }
});

test("every cut of a part is refused when it is opened", () => {
  const [bytes] = bytesOfParts(tableOf(3), { partSize: 3 });
  for (let length = 0; length < bytes.length; length++) {
    expect(() => openTableParts(counted([bytes.subarray(0, length)]).sources, "validation")).toThrow(
      expect.objectContaining({ kind: "artifact" }),
    );
  }
});

test("features that a table lacks cannot be written", () => {
  const plain = randomTable("train", { space, count: 2, classCount: 4, seed: 1 });
  expect(() => encodeTablePart(plain, { from: 0, featurePaths })).toThrow(/exit features of 8: .* got one without/);
});
