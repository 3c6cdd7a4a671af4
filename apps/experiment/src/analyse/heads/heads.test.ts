import { legalPaths, type Path, pathKey } from "@quee/core";
import { answerWithHeads } from "@quee/exit-heads";
import type { PathTable } from "@quee/path-tables";
import { expectAllclose } from "@quee/tooling-testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type OpenedRun, openRun } from "../../run/open-run.js";
import { pathSpaceOf } from "../../run/run.js";
import type { Tables } from "../../stages/collect.js";
import { partsOf } from "../parts.js";
import { tinyRun } from "../tiny-run.test.fixture.js";
import { answeredTables } from "./answered-tables.js";
import { featureTables, floatPaths } from "./feature-tables.js";
import type { OtherHeads } from "./other-heads.js";
import { recipePartsOf } from "./recipe-parts.js";

const tiny = tinyRun();
let opened: OpenedRun;
let features: Awaited<ReturnType<typeof featureTables>>;
const spaceOf = () => pathSpaceOf(opened.run.config);
const answered = (heads: OtherHeads, seed = 0) => answeredTables({ opened, features, space: spaceOf(), heads, seed });

beforeAll(async () => {
  tiny.makeRun("collect");
  for (const [name, value] of Object.entries(tiny.environment)) vi.stubEnv(name, value);
  opened = await openRun(tiny.run, { threads: 1, signal: new AbortController().signal });
  features = await featureTables(opened, spaceOf());
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await opened?.close();
});

/** The largest difference of a probability over all paths. */
function farthest(a: PathTable, b: PathTable): number {
  return Math.max(...legalPaths(spaceOf()).map((path) => farthestAlong(path, a, b)));
}

function farthestAlong(path: Path, a: PathTable, b: PathTable): number {
  const other = b.probabilities(path);
  return a.probabilities(path).reduce((most, p, at) => Math.max(most, Math.abs(p - (other[at] ?? 0))), 0);
}

test("feature tables hold the same answers as the run's own, and what heads read", () => {
  for (const role of ["train", "validation", "test"] as const) {
    expect(farthest(features[role], opened.tables[role])).toBe(0);
    for (const path of legalPaths(spaceOf())) {
      expect(features[role].exitFeatures?.(path)).toHaveLength(24 * features[role].count);
    }
  }
});

test("the run's heads on float features answer as the float blocks do", async () => {
  const paths = floatPaths(spaceOf());
  expect(paths.map(pathKey)).toEqual(["32", "32-32"]);
  const float = await answerWithHeads({ ...features.validation, paths }, opened.heads.heads);
  for (const path of paths)
    expectAllclose(float.probabilities(path), features.validation.probabilities(path), { atol: 1e-6 });
});

test("unquantized heads answer nearly as those at 8 bits, and less nearly as those at 5", async () => {
  const { test: table } = await answered("unquantized");
  const distance = (path: Path) => farthestAlong(path, table, opened.tables.test);
  const paths = legalPaths(spaceOf());
  const [at8, at5] = [8, 5].map((bits) => Math.max(...paths.filter((path) => path.at(-1) === bits).map(distance)));
  expect(at8).toBeLessThan(0.01);
  expect(at8).toBeGreaterThan(0);
  expect(at5).toBeGreaterThan(at8 as number);
});

test("cross-fitted heads answer otherwise on training images only, and not at the last exit", async () => {
  const plain = await answered("unquantized");
  const crossed = await answered("cross-fitted");
  expect(farthest(crossed.validation, plain.validation)).toBe(0);
  expect(farthest(crossed.test, plain.test)).toBe(0);
  for (const path of legalPaths(spaceOf())) {
    const distance = farthestAlong(path, crossed.train, plain.train);
    if (path.length === 1) expect(distance).toBeGreaterThan(1e-4);
    else expect(distance).toBeLessThan(1e-6);
  }
});

test("retrained heads answer otherwise on all images, lose less on those that stop them, and differ by seed", async () => {
  const loss = (tables: Tables) => {
    const { fit } = partsOf(tables, legalPaths(spaceOf()), 0);
    const sums = fit.paths.map((path) => {
      const rows = fit.probabilities(path);
      return fit.labels.reduce((sum, label, i) => sum - Math.log(rows[i * fit.classCount + label] ?? 0), 0);
    });
    return sums.reduce((a, b) => a + b) / fit.count;
  };
  const [plain, mixed, other] = [
    await answered("unquantized"),
    await answered("path-mixed"),
    await answered("path-mixed", 1),
  ];
  for (const role of ["train", "validation", "test"] as const)
    expect(farthest(mixed[role], plain[role])).toBeGreaterThan(0);
  expect(loss(mixed)).toBeLessThan(loss(plain));
  expect(farthest(mixed.test, other.test)).toBeGreaterThan(0);
});

test("recipes that agree in heads, logits and tokens see the same object; features are there where gates look at them", async () => {
  const space = spaceOf();
  const plain = partsOf(opened.tables, legalPaths(space), 0);
  const partsFor = recipePartsOf(opened, space, () => plain);
  const recipe = { heads: "as-trained", features: "equation-13", logits: "plain" } as const;
  expect(await partsFor(recipe, 0)).toBe(plain);
  expect(await partsFor({ ...recipe, features: "both" }, 0)).toBe(plain);
  const seeing = await partsFor({ ...recipe, features: "class-token" }, 0);
  expect(await partsFor({ ...recipe, features: "class-token-whole" }, 0)).toBe(seeing);
  expect(farthest(seeing.test, plain.test)).toBe(0);
  expect(seeing.fit.labels).toEqual(plain.fit.labels);
  const corrected = await partsFor({ ...recipe, features: "class-token", logits: "affine" }, 0);
  for (const part of [seeing.fit, corrected.choose, corrected.train]) {
    expect(part.exitFeatures?.(space.levels.slice(0, 1))).toHaveLength(24 * part.count);
  }
  expect(farthest(corrected.test, seeing.test)).toBeGreaterThan(0);
});
