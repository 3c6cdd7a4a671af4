import { fc, test } from "@fast-check/vitest";
import { parsePreprocessorConfig, syntheticDigits } from "@quee/datasets";
import { expect } from "vitest";
import { splitImages } from "./split-images.js";

const digits = syntheticDigits({ seed: 1, role: "train", count: 10 });
const rendered = Array.from({ length: digits.count }, (_, i) => digits.image(i));
const train = { ...digits, image: (i: number) => rendered[i] as Uint8Array };
const preprocessing = parsePreprocessorConfig({ do_resize: false, do_rescale: true, do_normalize: false });

function images(augmentation?: { flip: boolean; shift: number }) {
  return splitImages({ train, digest: "ten digits", preprocessing, augmentation, seed: 3 });
}

/** Which image of the split stands in each place. */
function whichOf(pixels: Float32Array, count: number): readonly number[] {
  const size = pixels.length / count;
  return Array.from({ length: count }, (_, i) => {
    const found = Array.from({ length: train.count }, (_, k) => k).find((k) =>
      train.image(k).every((byte, p) => Math.abs(byte / 255 - (pixels[i * size + p] ?? 0)) < 1e-6),
    );
    return found ?? -1;
  });
}

test("every epoch has each image at most once, in an order of its own; labels go with images", async () => {
  const epochs = await Promise.all(
    [0, 1].map(async (epoch) => {
      const source = images();
      const parts = [
        await source.batch(3 * epoch, 3),
        await source.batch(3 * epoch + 1, 3),
        await source.batch(3 * epoch + 2, 3),
      ];
      return parts.flatMap(({ images: { data }, labels }) => {
        const which = whichOf(data, 3);
        expect([...Array.from(labels)]).toEqual(which.map((k) => train.labels[k]));
        return which;
      });
    }),
  );
  // Ten images make three batches of three; the tenth waits for another epoch.
  for (const order of epochs) expect(new Set(order).size).toBe(9);
  expect(epochs[0]).not.toEqual(epochs[1]);
});

test.prop([fc.integer({ min: 0, max: 50 })], { numRuns: 20 })(
  "a training that begins at any step sees what one sees that was not stopped",
  async (step) => {
    const augmentation = { flip: true, shift: 2 };
    const going = images(augmentation);
    for (let before = Math.max(0, step - 4); before < step; before++) await going.batch(before, 4);
    const [one, other] = [await going.batch(step, 4), await images(augmentation).batch(step, 4)];
    expect(Buffer.from(other.images.data.buffer).equals(Buffer.from(one.images.data.buffer))).toBe(true);
    expect(other.labels).toEqual(one.labels);
  },
);

test("a batch is never larger than the split", async () => {
  expect((await images().batch(7, 64)).images.shape[0]).toBe(10);
});
