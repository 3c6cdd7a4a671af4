import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStageCache, type StageEntry, stageKey } from "@quee/artifacts";
import { bits } from "@quee/core";
import { createPathTable, encodeTablePart } from "@quee/path-tables";
import { expect, onTestFinished, test } from "vitest";
import { thisProcess } from "../run/machine.js";
import { keepTable, openTable, partFile } from "./table-files.js";

test("a table of more than ten parts comes back in order from the stage that took them over", async () => {
  const root = mkdtempSync(join(tmpdir(), "quee-tables-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const cache = await openStageCache(root, thisProcess());
  const parts: StageEntry[] = [];
  for (let from = 0; from < 12; from++) {
    const share = from / 16;
    const table = createPathTable({
      ...{ role: "test", classCount: 2, labels: Int32Array.of(from % 2), paths: [[bits(8)]] },
      probabilities: [Float32Array.of(share, 1 - share)],
    });
    const key = stageKey({ stage: "part", version: 1, inputs: { from } });
    const { entry } = await cache.produce(key, async (draft) => {
      await draft.write(partFile, encodeTablePart(table, { from }));
    });
    parts.push(entry);
  }
  const key = stageKey({ stage: "whole", version: 1, inputs: {} });
  const { entry } = await cache.produce(key, (draft) => keepTable(draft, "test", parts));
  for (const part of parts) await cache.discard(part.key);
  const table = openTable(entry, "test", "test", { tables: { elements: "float32", memoryMegabytes: 1 } });
  expect([...table.labels]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
  expect([...table.rows([bits(8)], [11, 2])]).toEqual([11 / 16, 5 / 16, 2 / 16, 14 / 16]);
});
