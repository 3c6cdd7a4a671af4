import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bits } from "@quee/core";
import {
  fakeQuantize,
  hessian,
  linearSite,
  type Multiplier,
  matmulSite,
  openMultiplier,
  postGelu,
  postSoftmaxSum,
  type Quantizer,
  type SearchSite,
  type Side,
  type SiteChoice,
  scoreCurves,
  searchScales,
  searchScalesExhaustively,
  uniform,
} from "@quee/ptq4vit-quantizer";
import { developmentFiles } from "@quee/tooling-testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const file = developmentFiles("QUEE_REFERENCE", "ptq4vit", "unit_cases.json");
const widths = [4, 6, 8] as const;

interface GoldenBits {
  readonly idx_w?: readonly number[][];
  readonly idx_a?: readonly number[][];
  readonly idx_A?: readonly number[][];
  readonly idx_B?: readonly number[][];
}
interface Golden {
  readonly cases: Readonly<Record<string, { readonly bits: Readonly<Record<string, GoldenBits>> }>>;
  readonly bin: Readonly<Record<string, { readonly shape: readonly number[]; readonly offset: number }>>;
}

/** Tensors and choices of the public PTQ4ViT code, run by PyTorch. */
function readGolden(path: string) {
  const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;
  const bytes = readFileSync(join(path, "..", "unit_cases.bin"));
  return {
    golden,
    tensor(name: string) {
      const { shape, offset } = golden.bin[name] as Golden["bin"][string];
      const count = shape.reduce((a, b) => a * b, 1);
      return {
        shape,
        data: new Float32Array(bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + offset + 4 * count)),
      };
    },
  };
}

describe.skipIf(file === null)("the public code's outputs", () => {
  // The body of a skipped suite runs too.
  const files = file === null ? null : readGolden(file);
  const tensor = (name: string) => files!.tensor(name);
  const data = (name: string) => tensor(name).data;
  let multiplier: Multiplier;
  beforeAll(async () => {
    multiplier = await openMultiplier();
  });
  afterAll(() => multiplier.release());

  const probes: readonly [string, Quantizer, string, (width: number) => number][] = [
    ["uniform", uniform, "probe/x", () => 0.125],
    ["gelu", postGelu, "probe/x", () => 0.125],
    ["softmax0", postSoftmaxSum, "probe/p", (width) => 0.0625 / (2 ** (width - 1) - 1)],
    ["softmax1", postSoftmaxSum, "probe/p", (width) => 0.001953125 / (2 ** (width - 1) - 1)],
  ];
  test.each(probes)("probe %s is equal bit by bit at 4, 6 and 8 bits", (name, quantizer, input, scale) => {
    for (const width of widths) {
      const got = fakeQuantize(quantizer, data(input), scale(width), bits(width));
      expect(new Uint32Array(got.buffer)).toEqual(new Uint32Array(data(`probe/${name}/${width}`).buffer));
    }
  });

  /** Without the bias, which the files include. */
  const withoutBias = (y: Float32Array, bias: Float32Array) => y.map((value, i) => value - bias[i % bias.length]!);
  const linear = (name: string, inputQuantizer: Quantizer): SearchSite =>
    linearSite({
      name,
      input: data(`${name}/x`),
      weight: data(`${name}/W`),
      bias: data(`${name}/b`),
      output: withoutBias(data(`${name}/y`), data(`${name}/b`)),
      gradient: data(`${name}/g`),
      outputs: data(`${name}/b`).length,
      groups: 1,
      inputQuantizer,
    });

  /** [N, H, X, Y] → [H, N, X, Y], or [H, N, Y, X]. */
  const headsFirst = (name: string, turn = false) => {
    const { shape, data: values } = tensor(name);
    const [n, h, x, y] = shape as [number, number, number, number];
    const out = new Float32Array(values.length);
    for (let at = 0; at < values.length; at++) {
      const [b, a, i, j] = [Math.floor(at / (h * x * y)), Math.floor(at / (x * y)) % h, Math.floor(at / y) % x, at % y];
      out[(a * n + b) * x * y + (turn ? j * x + i : i * y + j)] = values[at]!;
    }
    return out;
  };
  const matmul = (name: string, softmaxQuantizer: Quantizer | null): SearchSite => {
    const [n, h, m, k] = tensor(`${name}/A`).shape as [number, number, number, number];
    const p = tensor(`${name}/B`).shape[3] as number;
    return matmulSite({
      name,
      left: headsFirst(`${name}/A`),
      right: headsFirst(`${name}/B`, true),
      output: headsFirst(`${name}/y`),
      gradient: headsFirst(`${name}/g`),
      dims: [h, n, m, k, p],
      softmaxQuantizer,
    });
  };

  interface Case {
    readonly name: string;
    readonly site: () => SearchSite;
    /** The letters of the files for left and right. */
    readonly letters: readonly [left: "a" | "A", right: "w" | "B"];
    readonly order: readonly [Side, Side];
    /** With the right side in float, as the public code finds a split. */
    readonly leftGivenFloat?: boolean;
  }
  const cases: readonly Case[] = [
    { name: "fc1", site: () => linear("fc1", uniform), letters: ["a", "w"], order: ["right", "left"] },
    { name: "fc2", site: () => linear("fc2", postGelu), letters: ["a", "w"], order: ["right", "left"] },
    { name: "qk", site: () => matmul("qk", null), letters: ["A", "B"], order: ["left", "right"] },
    {
      name: "sv",
      site: () => matmul("sv", postSoftmaxSum),
      letters: ["A", "B"],
      order: ["left", "right"],
      leftGivenFloat: true,
    },
  ];
  const inputs = cases.flatMap((one) => widths.map((width) => [one.name, width, one] as const));

  test.each(inputs)(
    "%s at %i bits: the same scales, from the same curves",
    async (name, width, { site: build, letters, order, leftGivenFloat }) => {
      const site = build();
      const reference = files!.golden.cases[name]!.bits[width]!;
      const letter = (side: Side) => letters[side === "left" ? 0 : 1];
      const chosen = (side: Side, round: number) => reference[`idx_${letter(side)}`]![round]!;
      /** Scores of a round, negated means: [candidates, groups]. */
      const curve = (side: Side, round: number) => tensor(`${name}/curve/${width}/${letter(side)}${round}`);
      const scalesAt = (side: Side, indices: readonly number[]) =>
        site[side].ranges.map((range, g) => site[side].quantizer.candidates(range, bits(width), name)[indices[g]!]!);
      const minMax = (side: Side) =>
        site[side].ranges.map((range) => site[side].quantizer.initialScale(range, bits(width), name));

      // Curves under the reference's own scales.
      for (const round of [0, 2]) {
        for (const [step, side] of order.entries()) {
          const other: Side = side === "left" ? "right" : "left";
          const before = step === 1 ? round : round - 1;
          const otherScales =
            side === "left" && leftGivenFloat
              ? null
              : before < 0
                ? minMax(other)
                : scalesAt(other, chosen(other, before));
          const curves = await scoreCurves(site, {
            side,
            bits: bits(width),
            otherScales,
            metric: hessian,
            // At 8 bits the errors of q·k are so small beside q·k that float32 sums in another order blur them by a ten-thousandth.
            ...(name === "qk" ? {} : { multiplier }),
          });
          const { shape, data: scores } = curve(side, round);
          const groups = shape[1]!;
          expect(curves.length).toBe(groups);
          curves.forEach((mine, g) => {
            const theirs = Float64Array.from(mine, (_, i) => -scores[i * groups + g]!);
            // The code averages, and our gradient is normalised: one constant for the curve.
            const factor = median(theirs.map((loss, i) => loss / mine[i]!));
            const worst = Math.max(...mine.map((loss, i) => Math.abs((loss * factor) / theirs[i]! - 1)));
            expect(worst, `${side} curve of round ${round}, group ${g}`).toBeLessThan(1e-4);
          });
        }
      }

      const [fast, plain] = [
        await searchScales(site, bits(width), { multiplier }),
        await searchScalesExhaustively(site, bits(width), { multiplier }),
      ];
      expect(fast).toEqual(plain);
      // Round by round: a choice whose reference score is within a thousandth of the best counts as equal.
      for (const round of [0, 1, 2]) {
        for (const side of order) {
          const mine = indicesOf(plain, side, round);
          const theirs = chosen(side, round);
          mine.forEach((index, g) => {
            if (index === theirs[g]) return;
            const { shape, data: scores } = curve(side, round === 1 ? 2 : round);
            const loss = (i: number) => -scores[i * shape[1]! + g]!;
            expect(
              loss(index!) / loss(theirs[g]!) - 1,
              `${side} ${index} for ${theirs[g]} in round ${round}`,
            ).toBeLessThan(1e-3);
          });
        }
      }
    },
  );
});

function indicesOf({ history }: SiteChoice, side: Side, round: number) {
  return history.filter((step) => step.side === side)[round]!.indices;
}

function median(values: Float64Array): number {
  return values.toSorted()[Math.floor(values.length / 2)]!;
}
