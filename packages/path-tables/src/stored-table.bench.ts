import { byteSourceOf } from "@quee/artifacts";
import { bits } from "@quee/core";
import { bench, describe } from "vitest";
import { decodePathTable } from "./decode.js";
import { encodePathTable } from "./encode.js";
import { encodeTablePart } from "./encode-part.js";
import { openTableParts } from "./stored-table.js";
import type { PathTable } from "./table.js";
import { tableView } from "./table-view.js";
import { randomTable } from "./testing/random-table.js";

/** As large as the tables of CIFAR-10: 15 paths of 5,000 images, which fit into the cache. */
const space = { levels: [bits(8), bits(6), bits(4)], exitCount: 3, order: "monotone", firstBlock: "highest" } as const;
const table = randomTable("test", { space, count: 5_000, classCount: 10, seed: 1 });
const whole = encodePathTable(table);
const parts = (["float32", "float16"] as const).map((elementType) => {
  const bytes = new Uint8Array(Buffer.concat([...encodeTablePart(table, { from: 0, elementType })]));
  return [byteSourceOf(elementType, bytes)];
});
const every64th = Array.from({ length: 78 }, (_, i) => 64 * i);

function readAll(read: PathTable): void {
  for (const path of read.paths) read.probabilities(path);
}

describe("opening a table and reading it all", () => {
  bench("one file, into memory", () => readAll(decodePathTable(whole, "test")));
  bench("parts, float32", () => readAll(openTableParts(parts[0], "test")));
  bench("parts, float16", () => readAll(openTableParts(parts[1], "test")));
});

const [inMemory, stored] = [decodePathTable(whole, "test"), openTableParts(parts[0], "test")];

describe("views of 78 samples behind every path", () => {
  bench("of a table in memory", () => {
    for (const path of inMemory.paths) tableView(inMemory, path, every64th);
  });
  bench("of a table in files that fits its cache", () => {
    for (const path of stored.paths) tableView(stored, path, every64th);
  });
});
