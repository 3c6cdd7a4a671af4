import { test as propertyTest } from "@fast-check/vitest";
import { bits, legalPaths } from "@quee/core";
import fc from "fast-check";
import { expect } from "vitest";
import { correctAlong } from "./answers.js";
import { tableView } from "./table-view.js";
import { takeSamples } from "./take-samples.js";
import { randomTable } from "./testing/random-table.js";

const space = { levels: [bits(8), bits(6)], exitCount: 3, order: "monotone", firstBlock: "highest" } as const;
const plain = randomTable("validation", { space, count: 12, classCount: 3, seed: 5 });
/** Two features per sample that tell path and sample. */
const table = {
  ...plain,
  exitFeatures: (path: readonly number[]) =>
    Float32Array.from({ length: 24 }, (_, i) => 100 * path.length + Math.floor(i / 2)),
};

propertyTest.prop([fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 20 })])(
  "taken samples keep their labels, answers, views and features",
  (samples) => {
    const taken = takeSamples(table, samples);
    expect(taken.role).toBe("validation");
    expect([...taken.labels]).toEqual(samples.map((sample) => table.labels[sample]));
    for (const path of legalPaths(space)) {
      const right = correctAlong(table, path);
      expect([...correctAlong(taken, path)]).toEqual(samples.map((sample) => right[sample]));
      if (samples.length === 0) continue;
      const all = samples.map((_, i) => i);
      expect(tableView(taken, path, all)).toEqual(tableView(table, path, samples));
    }
  },
);

propertyTest.prop([fc.integer({ min: 0, max: 11 })])(
  "a view holds one row of every exit passed, oldest first",
  (sample) => {
    const prefix = [bits(8), bits(6)];
    const view = tableView(table, prefix, [sample]);
    expect(view).toMatchObject({ prefix, count: 1, classCount: 3 });
    const rows = [prefix.slice(0, 1), prefix].map((path) =>
      table.probabilities(path).slice(3 * sample, 3 * sample + 3),
    );
    expect(view.history).toEqual(rows);
    expect(view.exitFeatures).toEqual([100, 200].map((base) => Float32Array.of(base + sample, base + sample)));
    expect(tableView(plain, prefix, [sample]).exitFeatures).toBeUndefined();
  },
);
