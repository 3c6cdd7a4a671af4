import { bits } from "@quee/core";
import { type Random, randomStream } from "@quee/tensor";
import { afterAll, beforeAll, expect, test } from "vitest";
import { postGelu } from "../quantizers/post-gelu-quantizer.js";
import { postSoftmax } from "../quantizers/post-softmax-quantizer.js";
import { minMaxScale, uniform } from "../quantizers/uniform-quantizer.js";
import { type LinearTensors, linearSite } from "./linear-site.js";
import { matmulSite } from "./matmul-site.js";
import { hessian, metrics } from "./metric.js";
import { type Multiplier, openMultiplier } from "./multiplier.js";
import { searchScales, searchScalesExhaustively, searchScalesPlainly } from "./search-scales.js";
import type { SearchSite } from "./search-site.js";

let multiplier: Multiplier;
beforeAll(async () => {
  multiplier = await openMultiplier();
});
afterAll(() => multiplier.release());

const floats = (random: Random, count: number, scale = 1) =>
  Float32Array.from({ length: count }, () => scale * random.normal());

/** A layer of 40 tokens, 6 → 9, in three groups of which the second is large. */
function layer(random: Random, change: Partial<LinearTensors> = {}): SearchSite {
  const [rows, inner, outputs] = [40, 6, 9];
  const input = floats(random, rows * inner);
  const weight = floats(random, outputs * inner).map((w, i) => (Math.floor(i / inner / 3) === 1 ? 10 * w : w));
  const gelu = change.inputQuantizer === postGelu ? input.map((x) => Math.max(x, 0.1 * Math.sin(x))) : input;
  const gradient = floats(random, rows * outputs, 1e-12);
  // Half of the tokens have no gradient.
  for (let i = 0; i < gradient.length / 2; i++) gradient[i] = 0;
  return linearSite({
    name: "layer",
    input: gelu,
    weight,
    bias: floats(random, outputs),
    output: Float32Array.from({ length: rows * outputs }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < inner; k++)
        sum += gelu[Math.floor(i / outputs) * inner + k] * weight[(i % outputs) * inner + k];
      return sum;
    }),
    gradient,
    outputs,
    groups: 3,
    inputQuantizer: uniform,
    ...change,
  });
}

/** Products of 2 heads and 11 images, 4 × 5 by 5 × 3, of which only the first row has a gradient. */
function product(random: Random, isContext: boolean): SearchSite {
  const [h, n, m, k, p] = [2, 11, 4, 5, 3] as const;
  const left = floats(random, h * n * m * k).map((x) => (isContext ? Math.exp(-x * x - 1) : x));
  const right = floats(random, h * n * p * k);
  const output = Float32Array.from({ length: h * n * m * p }, (_, i) => {
    const unit = Math.floor(i / (m * p));
    const row = Math.floor(i / p) % m;
    let sum = 0;
    for (let j = 0; j < k; j++) sum += left[(unit * m + row) * k + j] * right[(unit * p + (i % p)) * k + j];
    return sum;
  });
  const gradient = floats(random, output.length).map((g, i) => (Math.floor(i / p) % m === 0 ? g : 0));
  const softmaxQuantizer = isContext ? postSoftmax : null;
  return matmulSite({ name: "product", left, right, output, gradient, dims: [h, n, m, k, p], softmaxQuantizer });
}

const sites: readonly [string, (random: Random) => SearchSite][] = [
  ["stacked linear layer", (random) => layer(random)],
  ["linear layer behind a GELU", (random) => layer(random, { groups: 1, inputQuantizer: postGelu })],
  ["scores", (random) => product(random, false)],
  ["context", (random) => product(random, true)],
];

test.each(sites)("%s: the fast search picks what plain loops pick, at every metric", async (_, build) => {
  for (const seed of [1, 2, 3]) {
    for (const metric of metrics) {
      const site = build(randomStream(seed, "search"));
      for (const width of [3, 6]) {
        const plain = await searchScalesPlainly(site, bits(width), metric);
        expect(await searchScales(site, bits(width), { multiplier, metric })).toEqual(plain);
        expect(await searchScalesExhaustively(site, bits(width), { multiplier, metric })).toEqual(plain);
      }
    }
  }
});

test("every group has its own scale, and only scales on the grid are chosen", async () => {
  const site = layer(randomStream(4, "search"));
  const { right, left } = await searchScales(site, bits(5), { multiplier });
  expect(right.scales[1] / right.scales[0]).toBeGreaterThan(3);
  right.scales.forEach((scale, g) => {
    const start = minMaxScale(site.right.ranges[g].magnitude, bits(5), "");
    expect(scale).toBe(Math.fround(Math.fround(0.01 + ((right.indices[g] as number) * 1.19) / 100) * start));
  });
  expect(left.scales).toHaveLength(1);
});

test("a group without gradient keeps the scale of its range, the others are searched", async () => {
  const random = randomStream(5, "search");
  const gradient = floats(random, 40 * 9).map((g, i) => (i % 9 < 3 ? 0 : g));
  const site = layer(random, { gradient });
  const { right, left } = await searchScales(site, bits(4), { multiplier });
  expect(right.indices[0]).toBeNull();
  expect(right.scales[0]).toBe(minMaxScale(site.right.ranges[0].magnitude, bits(4), ""));
  expect([right.indices[1], right.indices[2], left.indices[0]]).not.toContain(null);
  const dead = layer(random, { gradient: gradient.map(() => 0) });
  expect((await searchScales(dead, bits(4), { multiplier })).left.indices).toEqual([null]);
});

test("gradients near the smallest float32 choose as large ones do", async () => {
  const gradient = floats(randomStream(6, "g"), 40 * 9);
  const at = (scale: number) =>
    searchScales(layer(randomStream(6, "search"), { gradient: gradient.map((g) => g * scale) }), bits(4), {
      multiplier,
    });
  expect(await at(2 ** -100)).toEqual(await at(1));
});

test("the chosen scales are better than those of the range", async () => {
  const site = layer(randomStream(7, "search"));
  const { left, right } = await searchScalesPlainly(site, bits(3), hessian);
  const loss = (l: readonly number[], r: readonly number[]) => lossAt(site, l, r);
  const start = (side: "left" | "right") => site[side].ranges.map((range) => minMaxScale(range.magnitude, bits(3), ""));
  expect(loss(left.scales, right.scales)).toBeLessThan(0.8 * loss(start("left"), start("right")));
});

function lossAt(
  { whole, left, right }: SearchSite,
  leftScales: readonly number[],
  rightScales: readonly number[],
): number {
  const x = new Float32Array(whole.left.length);
  left.quantizer.roundInto(x, left.data, leftScales[0], bits(3));
  const w = new Float32Array(whole.right.length);
  const size = w.length / rightScales.length;
  rightScales.forEach((scale, g) => {
    right.quantizer.roundInto(
      w.subarray(g * size, (g + 1) * size),
      right.data.subarray(g * size, (g + 1) * size),
      scale,
      bits(3),
    );
  });
  let loss = 0;
  for (let i = 0; i < whole.target.length; i++) {
    let y = 0;
    for (let k = 0; k < whole.inner; k++) {
      y += x[Math.floor(i / whole.columns) * whole.inner + k] * w[(i % whole.columns) * whole.inner + k];
    }
    loss += (whole.gradient[i] * (whole.target[i] - y)) ** 2;
  }
  return loss;
}
