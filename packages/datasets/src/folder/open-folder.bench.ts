import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, bench, describe } from "vitest";
import { parsePreprocessorConfig } from "../preprocessing/config.js";
import { preprocessor } from "../preprocessing/preprocessor.js";
import { readImageFolder } from "./read-image-folder.js";

const root = mkdtempSync(join(tmpdir(), "quee-large-folder-"));
const photographs = join(root, "photographs");

beforeAll(async () => {
  for (let c = 0; c < 1000; c++) {
    const folder = join(root, "large", `n${String(c).padStart(8, "0")}`);
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < 50; i++) writeFileSync(join(folder, `${i}.JPEG`), "");
  }
  // As large as those of ImageNet usually are.
  const noise = { type: "gaussian", mean: 128, sigma: 60 } as const;
  const picture = sharp({ create: { width: 500, height: 375, channels: 3, background: "grey", noise } });
  mkdirSync(join(photographs, "one"), { recursive: true });
  const bytes = await picture.blur(2).jpeg({ quality: 90 }).toBuffer();
  for (let i = 0; i < 64; i++) writeFileSync(join(photographs, "one", `${i}.jpg`), bytes);
});
afterAll(() => rmSync(root, { recursive: true }));

describe("50,000 files in 1,000 classes", () => {
  bench("opened", async () => void (await readImageFolder({ root: join(root, "large"), role: "test" })), {
    iterations: 3,
    time: 0,
  });
});

describe("64 photographs of 500×375, decoded, resized to 256 and cropped to 224 as Pillow does", () => {
  for (const resample of [2, 3]) {
    const prepare = preprocessor(
      parsePreprocessorConfig({
        do_resize: true,
        size: { shortest_edge: 256 },
        resample,
        do_center_crop: true,
        crop_size: { height: 224, width: 224 },
        do_normalize: false,
      }),
    );
    bench(
      `resample ${resample}`,
      async () => {
        const split = await readImageFolder({ root: photographs, role: "test" });
        for (let from = 0; from < 64; from += 8)
          await prepare(
            split,
            Int32Array.from({ length: 8 }, (_, i) => from + i),
          );
      },
      { iterations: 3, time: 0 },
    );
  }
});
