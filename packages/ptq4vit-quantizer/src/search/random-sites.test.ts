import { fc, test as property } from "@fast-check/vitest";
import { bits } from "@quee/core";
import { randomStream } from "@quee/tensor";
import { afterAll, beforeAll, expect, test } from "vitest";
import { quantizers } from "../quantizers/quantizers.js";
import { uniform } from "../quantizers/uniform-quantizer.js";
import { linearSite } from "./linear-site.js";
import { matmulSite } from "./matmul-site.js";
import { hessian, squaredError } from "./metric.js";
import { type Multiplier, openMultiplier } from "./multiplier.js";
import { scoreCurves } from "./score-curves.js";
import { searchScales, searchScalesExhaustively } from "./search-scales.js";
import type { SearchSite } from "./search-site.js";
import { sumNoise } from "./sum-noise.js";

let multiplier: Multiplier;
beforeAll(async () => {
  multiplier = await openMultiplier();
});
afterAll(() => multiplier.release());

/** What values of a factor look like. */
const shapes = ["normal", "few values", "wide", "zeros", "constant", "mostly zeros"] as const;
type Shape = (typeof shapes)[number];

function values(shape: Shape, count: number, seed: number): Float32Array {
  const random = randomStream(seed, shape);
  const draw: Record<Shape, () => number> = {
    normal: () => random.normal(),
    "few values": () => Math.round(random.normal() * 2) / 4,
    wide: () => random.normal() * Math.exp(4 * random.normal()),
    zeros: () => 0,
    constant: () => 0.75,
    "mostly zeros": () => (random.normal() > 1 ? random.normal() : 0),
  };
  return Float32Array.from({ length: count }, draw[shape]);
}

function times(left: Float32Array, right: Float32Array, [units, rows, inner, columns]: number[], shared: boolean) {
  return Float32Array.from({ length: units * rows * columns }, (_, i) => {
    const [row, p] = [Math.floor(i / columns), i % columns];
    const from = ((shared ? 0 : Math.floor(row / rows)) * columns + p) * inner;
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += left[row * inner + k] * right[from + k];
    return sum;
  });
}

const site = fc.record({
  isLinear: fc.boolean(),
  quantizer: fc.constantFrom(...quantizers),
  units: fc.integer({ min: 1, max: 20 }),
  rows: fc.integer({ min: 1, max: 4 }),
  inner: fc.integer({ min: 1, max: 40 }),
  columns: fc.integer({ min: 1, max: 7 }),
  groups: fc.integer({ min: 1, max: 3 }),
  left: fc.constantFrom(...shapes),
  right: fc.constantFrom(...shapes),
  gradient: fc.constantFrom(...shapes),
  hasBias: fc.boolean(),
  seed: fc.nat(),
});

type Recipe = typeof site extends fc.Arbitrary<infer T> ? T : never;

function build(recipe: Recipe): SearchSite {
  const { isLinear, quantizer, units, rows, inner, columns, groups, seed } = recipe;
  const isSoftmax = quantizer.kind.startsWith("post-softmax");
  if (isLinear) {
    const outputs = columns * groups;
    const left = values(recipe.left, units * inner, seed);
    const input = isSoftmax ? left.map((x) => Math.min(1, Math.abs(x))) : left;
    const weight = values(recipe.right, outputs * inner, seed + 1);
    return linearSite({
      name: "layer",
      input,
      weight,
      bias: recipe.hasBias ? values("normal", outputs, seed + 2) : null,
      output: times(input, weight, [units, 1, inner, outputs], true),
      gradient: values(recipe.gradient, units * outputs, seed + 3),
      outputs,
      groups,
      inputQuantizer: quantizer,
    });
  }
  const all = units * groups;
  const factor = values(recipe.left, all * rows * inner, seed);
  const left = isSoftmax ? factor.map((x) => Math.min(1, Math.abs(x))) : factor;
  const right = values(recipe.right, all * columns * inner, seed + 1);
  return matmulSite({
    name: "product",
    left,
    right,
    output: times(left, right, [all, rows, inner, columns], false),
    gradient: values(recipe.gradient, all * rows * columns, seed + 3),
    dims: [groups, units, rows, inner, columns],
    softmaxQuantizer: isSoftmax ? quantizer : null,
  });
}

// Not by the cosine, which jumps where an estimate cancels to zero.
property.prop([site, fc.constantFrom(hessian, squaredError), fc.integer({ min: 2, max: 8 }).map(bits)], {
  numRuns: 40,
})(
  "whatever the values: the fast search picks what the exhaustive one picks, and plain loops find nothing better",
  async (recipe, metric, width) => {
    const random = build(recipe);
    const choice = await searchScalesExhaustively(random, width, { multiplier, metric });
    expect(await searchScales(random, width, { multiplier, metric })).toEqual(choice);
    for (const { side, given } of random.steps) {
      const other = choice[side === "left" ? "right" : "left"];
      // Only the side that the last step chose is the best beside the scales that the other has now.
      if (given === "rounded" && side !== random.steps.at(-1)?.side) continue;
      const otherScales = given === "float" ? null : other.scales;
      const curves = await scoreCurves(random, { side, bits: width, otherScales, metric });
      for (const [g, index] of choice[side].indices.entries()) {
        if (index === null) continue;
        // Outputs are summed in float32 there and in float64 here; losses are squares of distances between them.
        const cell = choice[side].indices.length > 1 ? random.cells[g] : random.whole;
        const noise = await sumNoise(metric, cell, multiplier);
        expect(Math.sqrt(curves[g][index])).toBeLessThanOrEqual(Math.sqrt(Math.min(...curves[g])) + noise);
      }
    }
  },
);

test("where terms cancel to outputs of zero their noise stays, and the choice is the same", async () => {
  for (let scale = 1; scale <= 20; scale++) {
    const zero = linearSite({
      name: "layer",
      input: Float32Array.of(1, 0.5),
      weight: Float32Array.of(0.25, -0.5),
      bias: null,
      output: Float32Array.of(0),
      gradient: Float32Array.of(scale / 7),
      outputs: 1,
      groups: 1,
      inputQuantizer: uniform,
    });
    for (const width of [2, 3, 4].map(bits)) {
      const options = { multiplier, metric: hessian };
      expect(await searchScales(zero, width, options)).toEqual(await searchScalesExhaustively(zero, width, options));
    }
  }
});
